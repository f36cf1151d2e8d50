using CodexCompanion.Tool.CommandLine;

namespace CodexCompanion.Tool.Tests.CommandLine;

internal static class Spelling
{
    /// <summary>An option as it could have been written.</summary>
    public static string Of(OptionToken token) => token.Value is null ? token.Option.Display : $"{token.Option.Display}={token.Value}";
}
