using CodexCompanion.StateStore.Disk;

namespace CodexCompanion.Pipeline.AppServer;

/// <summary>A <c>config.toml</c> of codex, line by line: for what a look at single lines can tell.</summary>
internal static class ConfigToml
{
    // People write configurations of a few KiB; a huge file is something else.
    private const long LargestFileBytes = 1024 * 1024;

    /// <summary>Its lines; none where there is no file, null where one cannot be read or is something else than a configuration.</summary>
    public static string[]? Lines(string path)
    {
        try
        {
            if (new FileInfo(path) is not { Exists: true } file)
                return [];
            return RegularFile.IsAt(path) && file.Length <= LargestFileBytes ? File.ReadAllLines(path) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
