namespace CodexCompanion.StateStore.Disk;

/// <summary>What lies at a path.</summary>
public enum FileKind
{
    /// <summary>A regular file.</summary>
    Regular,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A symbolic link (or a reparse point on Windows).</summary>
    Link,

    /// <summary>A socket.</summary>
    Socket,

    /// <summary>A pipe or device: opening it may block or do something. Where .NET does not tell more, a socket too.</summary>
    Special,
}

/// <summary>What can be told about a path without opening it or following it.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Size">Size in bytes.</param>
/// <param name="Mode">Permission bits; null on Windows.</param>
/// <param name="Owner">User id of the owner; null on Windows and where the system does not say.</param>
/// <param name="Device">Device it lies on; with <paramref name="Inode"/> it names the file. 0 when unknown.</param>
/// <param name="Inode">Number of the file on the device. 0 when unknown.</param>
public sealed record FileFacts(FileKind Kind, long Size, UnixFileMode? Mode, uint? Owner, ulong Device, ulong Inode);

/// <summary>
/// What System.IO.Abstractions 17 does not know: modes, owners, kinds, flushes to the disk, locks. Failures are IOException or
/// UnauthorizedAccessException, as everywhere in System.IO.
/// </summary>
public interface INativeDisk
{
    /// <summary>User id of this process; null on Windows.</summary>
    uint? User { get; }

    /// <summary>Looks at a path without following it; null when nothing is there.</summary>
    FileFacts? Look(string path);

    /// <summary>Creates a directory that only its owner may enter. Parents that are missing get the usual mode.</summary>
    void CreatePrivateDirectory(string path);

    /// <summary>Takes everybody else's permissions from a directory of ours.</summary>
    void MakePrivate(string directory);

    /// <summary>Creates a file that must not exist yet; from its first moment only its owner may read it.</summary>
    Stream CreatePrivateFile(string path);

    /// <summary>Writes through to the disk what was written to a stream of <see cref="CreatePrivateFile"/>.</summary>
    void FlushToDisk(Stream stream);

    /// <summary>Makes creations, renames and deletions in a folder durable.</summary>
    void SyncFolder(string folder);

    /// <summary>Opens a file for itself alone (flock on unix, sharing mode on Windows).</summary>
    /// <param name="path">The lock file.</param>
    /// <param name="create">Whether to create it, private, when it is missing.</param>
    /// <returns>The open file; null when somebody else has it.</returns>
    Stream? OpenExclusively(string path, bool create);

    /// <summary>Opens a file for itself alone, creating it, and waits until it can: first come, first served.</summary>
    /// <param name="path">The lock file.</param>
    /// <param name="limit">How long to wait.</param>
    /// <returns>The open file; null when the time was over, and at once where the system has no such waiting.</returns>
    Stream? AwaitExclusively(string path, TimeSpan limit);

    /// <summary>Opens a file that must exist so that others may open it the same way, but nobody for himself alone: a look that does not
    /// stand in the way of another look.</summary>
    /// <returns>The open file; null when somebody has it for himself alone.</returns>
    Stream? OpenShared(string path);

    /// <summary>
    /// Whether a file that <see cref="OpenExclusively"/> or <see cref="OpenShared"/> opened really keeps others from having it alone: where
    /// locks do not work, that opening succeeds for all.
    /// </summary>
    /// <param name="path">The lock file.</param>
    /// <param name="own">It, as it was opened.</param>
    /// <param name="shared">Whether it was opened shared.</param>
    bool KeepsOthersOut(string path, Stream own, bool shared = false);

    /// <summary>Appends in one write, creating the file privately when it is missing.</summary>
    void Append(string path, ReadOnlySpan<byte> bytes);
}
