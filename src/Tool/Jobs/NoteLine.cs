namespace CodexCompanion.Tool.Jobs;

/// <summary>A sentence that stays where it is shown, as one line for the job's log and for whoever watches.</summary>
internal static class NoteLine
{
    private const string Prefix = "note: ";

    /// <summary>The line.</summary>
    public static string Of(string sentence) => Prefix + sentence;

    /// <summary>Whether a line of a log is one.</summary>
    public static bool Is(string line) => line.StartsWith(Prefix, StringComparison.Ordinal);
}
