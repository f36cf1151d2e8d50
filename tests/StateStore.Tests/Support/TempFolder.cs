using CodexCompanion.StateStore.Disk;

namespace CodexCompanion.StateStore.Tests.Support;

/// <summary>A private folder of one test, gone afterwards.</summary>
public sealed class TempFolder : IDisposable
{
    public string Path { get; } = CanonicalPath.Of(Directory.CreateTempSubdirectory("statestore-tests-").FullName);

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public string Folder(params string[] names) => Directory.CreateDirectory(System.IO.Path.Combine([Path, .. names])).FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
