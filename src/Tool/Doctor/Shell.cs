using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Doctor;

/// <summary>Words of command lines to paste.</summary>
internal static class Shell
{
    /// <summary>A word as a POSIX shell takes it: as it is where it has no special character, else in single quotes.</summary>
    public static string Quote(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '_' or '-' or '+' or ':' or '@' or '%')
            ? word
            : ShellWord.Quote(word);
}
