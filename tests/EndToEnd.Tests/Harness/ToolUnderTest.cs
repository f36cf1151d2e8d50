using System.Reflection;
using System.Runtime.InteropServices;

namespace CodexCompanion.EndToEnd.Tests.Harness;

/// <summary>Which <c>codex-companion</c> is tested: <c>CODEX_COMPANION_UNDER_TEST</c> (an installed one), else the one built with these tests.</summary>
internal static class ToolUnderTest
{
    public static string Path { get; } = Find();

    /// <summary>Where .NET itself is: the tool's starter needs to be told, as the tests give it an environment made from scratch.</summary>
    public static string DotnetRoot { get; } =
        System.IO.Path.GetFullPath(System.IO.Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));

    private static string Find()
    {
        var named = Environment.GetEnvironmentVariable("CODEX_COMPANION_UNDER_TEST");
        var path = string.IsNullOrEmpty(named)
            ? typeof(ToolUnderTest).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key is "ToolUnderTest").Value! + (OperatingSystem.IsWindows() ? ".exe" : "")
            : System.IO.Path.GetFullPath(named);
        return File.Exists(path) ? path : throw new FileNotFoundException($"there is no tool to test at {path}", path);
    }
}
