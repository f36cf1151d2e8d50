using System.Diagnostics;

namespace CodexCompanion.StateStore.Tests.Support;

/// <summary>Unix programs that tests need for what .NET has no method for.</summary>
public static class Shell
{
    public static void MakePipe(string path) => Run("mkfifo", path);

    public static Process Start(string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true })!;

    private static void Run(string program, params string[] arguments)
    {
        using var process = Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
