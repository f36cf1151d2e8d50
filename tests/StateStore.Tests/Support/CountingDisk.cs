using CodexCompanion.StateStore.Disk;

namespace CodexCompanion.StateStore.Tests.Support;

/// <summary>The real disk, which counts the state files that were looked at: each is, just before it is read.</summary>
public sealed class CountingDisk : INativeDisk
{
    private static readonly INativeDisk Inner = NativeDisk.Instance;

    private readonly List<(string Path, long Size)> _looks = [];

    public uint? User => Inner.User;

    /// <summary>The JSON files read since <see cref="Begin"/>, and their size together.</summary>
    public (int Files, long Bytes) Read => (_looks.Count, _looks.Sum(look => look.Size));

    /// <summary>Whether a file was read since then.</summary>
    public bool HasRead(string path) => _looks.Exists(look => look.Path == path);

    public void Begin() => _looks.Clear();

    public FileFacts? Look(string path)
    {
        var facts = Inner.Look(path);
        if (facts is not null && path.EndsWith(".json", StringComparison.Ordinal))
            _looks.Add((path, facts.Size));
        return facts;
    }

    public void CreatePrivateDirectory(string path) => Inner.CreatePrivateDirectory(path);

    public void MakePrivate(string directory) => Inner.MakePrivate(directory);

    public Stream CreatePrivateFile(string path) => Inner.CreatePrivateFile(path);

    public void FlushToDisk(Stream stream) => Inner.FlushToDisk(stream);

    public void SyncFolder(string folder) => Inner.SyncFolder(folder);

    public Stream? OpenExclusively(string path, bool create) => Inner.OpenExclusively(path, create);

    public Stream? AwaitExclusively(string path, TimeSpan limit) => Inner.AwaitExclusively(path, limit);

    public Stream? OpenShared(string path) => Inner.OpenShared(path);

    public bool KeepsOthersOut(string path, Stream own, bool shared = false) => Inner.KeepsOthersOut(path, own, shared);

    public void Append(string path, ReadOnlySpan<byte> bytes) => Inner.Append(path, bytes);
}
