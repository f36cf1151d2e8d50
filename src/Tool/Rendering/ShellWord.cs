namespace CodexCompanion.Tool.Rendering;

/// <summary>Words of a POSIX shell.</summary>
internal static class ShellWord
{
    /// <summary>A text as a person would type it: as it is where it has no special character, else quoted.</summary>
    public static string Of(string text) =>
        text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '_' or '-' or '+' or ':' or '@' or '%') ? text : Quote(text);

    /// <summary>A text as one word that no shell looks into.</summary>
    public static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
