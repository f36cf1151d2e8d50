namespace CodexCompanion.StateStore.Disk;

/// <summary>The real disk. The macOS and Windows branches follow the documentation and have not been run.</summary>
public sealed class NativeDisk : INativeDisk
{
    /// <summary>Permissions of a folder of ours: 0700.</summary>
    public const UnixFileMode PrivateFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Permissions of a file of ours: 0600.</summary>
    public const UnixFileMode PrivateFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // Sharing and lock violations of Windows, as HResults.
    private const int WindowsSharingViolation = unchecked((int)0x80070020);
    private const int WindowsLockViolation = unchecked((int)0x80070021);

    private readonly Lazy<uint?> _user = new(() => OperatingSystem.IsWindows() ? null : UnixCalls.EffectiveUser());

    /// <summary>The one instance: it has no state.</summary>
    public static NativeDisk Instance { get; } = new();

    /// <inheritdoc/>
    public uint? User => _user.Value;

    /// <inheritdoc/>
    public FileFacts? Look(string path)
    {
        if (OperatingSystem.IsLinux())
            return LinuxStat.Look(path);
        if (OperatingSystem.IsMacOS())
            return MacStat.Look(path);
        return PortableStat.Look(path);
    }

    /// <inheritdoc/>
    public void CreatePrivateDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path); // Below the user's profile, whose access list it inherits.
        else
            Directory.CreateDirectory(path, PrivateFolder);
    }

    /// <inheritdoc/>
    public void MakePrivate(string directory)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(directory, PrivateFolder);
    }

    /// <inheritdoc/>
    public Stream CreatePrivateFile(string path) => Open(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

    /// <inheritdoc/>
    public void FlushToDisk(Stream stream) => ((FileStream)stream).Flush(flushToDisk: true);

    /// <inheritdoc/>
    public void SyncFolder(string folder)
    {
        if (!OperatingSystem.IsWindows()) // NTFS journals its own metadata; there is nothing to call.
            UnixCalls.SyncFolder(folder);
    }

    /// <inheritdoc/>
    public Stream? OpenExclusively(string path, bool create) =>
        OpenLocked(path, create ? FileMode.OpenOrCreate : FileMode.Open, FileAccess.ReadWrite, FileShare.None);

    /// <inheritdoc/>
    public Stream? AwaitExclusively(string path, TimeSpan limit)
    {
        if (OpenExclusively(path, create: true) is { } free)
            return free;
        if (OperatingSystem.IsWindows() || limit <= TimeSpan.Zero || UnixCalls.AwaitLock(path, limit) is not { } handle)
            return null;
        var file = new FileStream(handle, FileAccess.ReadWrite, bufferSize: 0);
        if (StillAt(path, file))
            return file;
        file.Dispose();
        return null;
    }

    /// <inheritdoc/>
    public Stream? OpenShared(string path) => OpenLocked(path, FileMode.Open, FileAccess.Read, FileShare.Read);

    /// <inheritdoc/>
    public bool KeepsOthersOut(string path, Stream own, bool shared = false)
    {
        // Asked of libc and not by opening it once more: it is refused, nearly always, and an exception a lock is what a short command
        // would spend most of its time on. Refused by whom? Who has a lock may take it again.
        if (!OperatingSystem.IsWindows())
            return UnixCalls.IsLocked(path) && UnixCalls.TryLock(((FileStream)own).SafeFileHandle, path, shared);
        using var second = OpenExclusively(path, create: false);
        return second is null;
    }

    /// <inheritdoc/>
    public void Append(string path, ReadOnlySpan<byte> bytes)
    {
        if (OperatingSystem.IsWindows())
        {
            using var windows = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            windows.Write(bytes);
            return;
        }

        if (!File.Exists(path))
        {
            try
            {
                CreatePrivateFile(path).Dispose();
            }
            catch (IOException) when (File.Exists(path))
            {
                // Another process was quicker; its file will do.
            }
        }

        UnixCalls.Append(path, bytes); // FileMode.Append only seeks to the end once, and would overwrite another writer's lines.
    }

    private static FileStream? OpenLocked(string path, FileMode mode, FileAccess access, FileShare share)
    {
        FileStream? file = null;
        try
        {
            file = Open(path, mode, access, share);
            if (!StillAt(path, file))
                return null; // Deleted and perhaps made anew meanwhile: a lock on this one would keep nobody out.
            var exclusive = file;
            file = null;
            return exclusive;
        }
        catch (IOException e) when (IsHeldElsewhere(e))
        {
            return null;
        }
        finally
        {
            file?.Dispose();
        }
    }

    private static FileStream Open(string path, FileMode mode, FileAccess access, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = share, BufferSize = 0 };
        if (!OperatingSystem.IsWindows() && mode != FileMode.Open)
            options.UnixCreateMode = PrivateFile;
        return new FileStream(path, options);
    }

    private static bool StillAt(string path, FileStream file)
    {
        if (OperatingSystem.IsLinux())
            return AreTheSame(LinuxStat.Look(path), LinuxStat.Look(file.SafeFileHandle));
        if (OperatingSystem.IsMacOS())
            return AreTheSame(MacStat.Look(path), MacStat.Look(file.SafeFileHandle));
        return true; // Windows refuses to delete a file that is open.
    }

    private static bool AreTheSame(FileFacts? named, FileFacts opened) =>
        named is not null && named.Inode == opened.Inode && named.Device == opened.Device;

    private static bool IsHeldElsewhere(IOException e) => OperatingSystem.IsWindows()
        ? e.HResult is WindowsSharingViolation or WindowsLockViolation
        : e.HResult == UnixCalls.WouldBlock;
}
