using CodexCompanion.StateStore.Disk;

namespace CodexCompanion.StateStore.Tests.Support;

/// <summary>The real disk, but some paths look otherwise: only root could give files away for real.</summary>
public sealed class DiskWithFacts(Func<string, FileFacts, FileFacts> alter) : INativeDisk
{
    private readonly NativeDisk _inner = NativeDisk.Instance;

    public uint? User => _inner.User;

    /// <summary>A disk on which one path belongs to somebody else.</summary>
    public static DiskWithFacts WithForeign(string foreign) => new((path, facts) => path == foreign ? facts with { Owner = facts.Owner + 1 } : facts);

    public FileFacts? Look(string path) => _inner.Look(path) is { } facts ? alter(path, facts) : null;

    public void CreatePrivateDirectory(string path) => _inner.CreatePrivateDirectory(path);

    public void MakePrivate(string directory) => _inner.MakePrivate(directory);

    public Stream CreatePrivateFile(string path) => _inner.CreatePrivateFile(path);

    public void FlushToDisk(Stream stream) => _inner.FlushToDisk(stream);

    public void SyncFolder(string folder) => _inner.SyncFolder(folder);

    public Stream? OpenExclusively(string path, bool create) => _inner.OpenExclusively(path, create);

    public Stream? AwaitExclusively(string path, TimeSpan limit) => _inner.AwaitExclusively(path, limit);

    public Stream? OpenShared(string path) => _inner.OpenShared(path);

    public bool KeepsOthersOut(string path, Stream own, bool shared = false) => _inner.KeepsOthersOut(path, own, shared);

    public void Append(string path, ReadOnlySpan<byte> bytes) => _inner.Append(path, bytes);
}
