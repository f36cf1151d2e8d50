using System.Diagnostics;
using Xunit;

namespace CodexCompanion.Tool.Tests.Rendering;

/// <summary>The built tool on a real terminal, which <c>script</c> makes.</summary>
public sealed class TerminalTests : IDisposable
{
    private const string Script = "/usr/bin/script";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ToolBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData(40)]
    [InlineData(60)]
    public async Task A_help_text_fits_the_terminal_and_leaves_it_as_it_was(int columns)
    {
        if (await OnTerminalAsync($"stty cols {columns} && codex-companion logs --help", "xterm-256color") is not { } text)
            return;
        Assert.DoesNotContain('\u001b', text);
        var lines = text[..text.IndexOf("Examples:", StringComparison.Ordinal)].Split("\r\n");
        Assert.All(lines, line => Assert.InRange(line.Length, 0, columns));
        Assert.Contains(lines, line => line.Length > columns - 20);
    }

    [Theory]
    [InlineData("xterm-256color", "", true)]
    [InlineData("xterm-256color", "NO_COLOR=1", false)]
    [InlineData("dumb", "", false)]
    public async Task Doctor_has_colours_where_they_can_be_seen(string terminal, string variable, bool coloured)
    {
        if (await OnTerminalAsync($"stty cols 70 && {variable} codex-companion doctor --dry-run --check settings", terminal) is not { } text)
            return;
        Assert.Equal(coloured, text.Contains("\u001b[", StringComparison.Ordinal));
        Assert.DoesNotContain("\u001b[?", text, StringComparison.Ordinal); // Modes of the terminal are none of its business.
    }

    /// <summary>What a command line writes to a terminal; null where there is no way to make one.</summary>
    private async Task<string?> OnTerminalAsync(string commandLine, string terminal)
    {
        if (!OperatingSystem.IsLinux() || !File.Exists(Script))
            return null;
        var start = new ProcessStartInfo(Script, ["-qec", commandLine, "/dev/null"])
        {
            WorkingDirectory = _bench.Work,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        foreach (var name in (string[])["FORCE_COLOR", "NO_COLOR"])
            start.Environment.Remove(name);
        foreach (var (name, value) in _bench.Variables)
            start.Environment[name] = value;
        start.Environment["PATH"] = $"{AppContext.BaseDirectory}:/usr/bin:/bin";
        start.Environment["TERM"] = terminal;
        start.Environment["SHELL"] = "/bin/sh";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Patience);
        return await output;
    }
}
