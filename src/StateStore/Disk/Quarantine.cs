using System.Globalization;
using System.IO.Abstractions;

namespace CodexCompanion.StateStore.Disk;

/// <summary>Where damaged things go: set aside under a name with the time, never deleted, never on top of one another.</summary>
internal sealed class Quarantine(IFileSystem files, INativeDisk disk, string folder, TimeProvider time)
{
    /// <summary>Moves whatever lies at a path (a directory or a pipe, too) into the quarantine.</summary>
    /// <returns>Where it lies now; null when nothing was there.</returns>
    public string? Move(string path)
    {
        if (disk.Look(path) is null)
            return null;
        var target = FreeName(path);
        return Move(path, target) ? target : null;
    }

    /// <summary>The same, to a name that <see cref="FreeName"/> gave.</summary>
    /// <returns>Whether anything was there.</returns>
    public bool Move(string path, string target)
    {
        if (disk.Look(path) is not { } facts)
            return false;
        Rename(path, target, facts);
        disk.SyncFolder(folder);
        disk.SyncFolder(Path.GetDirectoryName(path)!);
        return true;
    }

    /// <summary>Puts what lies in here back at its place, which must be free.</summary>
    /// <returns>Whether it was there.</returns>
    public bool BringBack(string name, string path)
    {
        if (disk.Look(name) is not { } facts)
            return false;
        Rename(name, path, facts);
        disk.SyncFolder(Path.GetDirectoryName(path)!);
        disk.SyncFolder(folder);
        return true;
    }

    /// <summary>Puts a copy into the quarantine, for a file whose replacement follows: so there is no moment without either.</summary>
    public string Copy(string path, ReadOnlyMemory<byte> content)
    {
        var target = FreeName(path);
        new AtomicFile(files, disk).Write(target, content);
        return target;
    }

    /// <summary>A name in here that is free. Asked under the state lock, so that nobody takes it between the look and the use.</summary>
    public string FreeName(string path)
    {
        var stamp = time.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var name = Path.Combine(folder, $"{Path.GetFileName(path)}.{stamp}");
        var candidate = name;
        for (var number = 2; disk.Look(candidate) is not null; number++)
            candidate = $"{name}-{number}";
        return candidate;
    }

    // The link itself is moved, never what it points to; .NET wants to be told which kind of thing it points to.
    private void Rename(string from, string to, FileFacts facts)
    {
        if (facts.Kind == FileKind.Directory || (facts.Kind == FileKind.Link && files.Directory.Exists(from)))
            files.Directory.Move(from, to);
        else
            files.File.Move(from, to);
    }
}
