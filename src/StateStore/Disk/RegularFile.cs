namespace CodexCompanion.StateStore.Disk;

/// <summary>Tells files that can be read from what only looks like one: opening a pipe waits for somebody who may never come.</summary>
public static class RegularFile
{
    /// <summary>Whether a path leads, links followed, to a regular file. False also when there is nothing, or it cannot be looked at.</summary>
    public static bool IsAt(string path)
    {
        try
        {
            var facts = NativeDisk.Instance.Look(path);
            if (facts is { Kind: FileKind.Link })
                facts = File.ResolveLinkTarget(path, returnFinalTarget: true) is { } target ? NativeDisk.Instance.Look(target.FullName) : null;
            return facts is { Kind: FileKind.Regular };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
