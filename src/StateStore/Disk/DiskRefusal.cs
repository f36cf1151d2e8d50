namespace CodexCompanion.StateStore.Disk;

/// <summary>Why the disk refused, in words for a sentence that names the file itself.</summary>
internal static class DiskRefusal
{
    // Of what .NET makes of the system's word, the path behind it is left out: it may be that of a temporary file nobody knows.
    private const string PathBehind = " : '";

    /// <summary>The reason: <c>No space left on device</c>.</summary>
    public static string Of(Exception refusal) =>
        refusal is IOException && refusal.Message.EndsWith('\'') && refusal.Message.LastIndexOf(PathBehind, StringComparison.Ordinal) is var at and > 0
            ? refusal.Message[..at]
            : refusal.Message;
}
