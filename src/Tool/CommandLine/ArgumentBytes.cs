using System.Text.Unicode;

namespace CodexCompanion.Tool.CommandLine;

/// <summary>Whether the arguments are what was typed: .NET puts U+FFFD where their bytes are not UTF-8, and Codex would be sent that instead.</summary>
internal static class ArgumentBytes
{
    private const char Replacement = '\uFFFD';
    private const string OwnCommandLine = "/proc/self/cmdline";

    /// <summary>Whether an argument of this process came through damaged. Only Linux keeps the bytes; elsewhere it is not known, and no.</summary>
    /// <param name="arguments">The arguments as .NET has them.</param>
    public static bool AreDamaged(IReadOnlyList<string> arguments)
    {
        // Almost every call ends here: the bytes are looked at only when the sign stands there, which may also have been typed.
        if (!OperatingSystem.IsLinux() || !arguments.Any(argument => argument.Contains(Replacement, StringComparison.Ordinal)))
            return false;
        try
        {
            return !Utf8.IsValid(File.ReadAllBytes(OwnCommandLine));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // Without /proc nothing is known against them.
        }
    }
}
