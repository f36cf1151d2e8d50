namespace CodexCompanion.Tool.Rendering;

/// <summary>Words of a POSIX shell.</summary>
internal static class ShellWord
{
    /// <summary>A text as one word that no shell looks into.</summary>
    public static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
