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
        var facts = disk.Look(path);
        if (facts is null)
            return null;
        var target = FreeName(path);
        if (facts.Kind == FileKind.Directory)
            files.Directory.Move(path, target);
        else
            files.File.Move(path, target);
        disk.SyncFolder(folder);
        disk.SyncFolder(Path.GetDirectoryName(path)!);
        return target;
    }

    /// <summary>Puts a copy into the quarantine, for a file whose replacement follows: so there is no moment without either.</summary>
    public string Copy(string path, ReadOnlySpan<byte> content)
    {
        var target = FreeName(path);
        new AtomicFile(files, disk).Write(target, content);
        return target;
    }

    // Called under the state lock, so that nobody takes the name between the look and the use.
    private string FreeName(string path)
    {
        var stamp = time.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var name = Path.Combine(folder, $"{Path.GetFileName(path)}.{stamp}");
        var candidate = name;
        for (var number = 2; disk.Look(candidate) is not null; number++)
            candidate = $"{name}-{number}";
        return candidate;
    }
}
