using System.Diagnostics;
using CodexCompanion.Tool.Tests.Jobs;
using Xunit;

namespace CodexCompanion.Tool.Tests.Rendering;

/// <summary>The built tool on a real terminal, which <c>script</c> makes.</summary>
public sealed class TerminalTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ToolBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [TerminalTheory]
    [InlineData(40)]
    [InlineData(60)]
    public async Task A_help_text_fits_the_terminal_and_leaves_it_as_it_was(int columns)
    {
        var text = await OnTerminalAsync($"stty cols {columns} && codex-companion logs --help", "xterm-256color");
        Assert.DoesNotContain('\u001b', text);
        var lines = text[..text.IndexOf("Examples:", StringComparison.Ordinal)].Split("\r\n");
        Assert.All(lines, line => Assert.InRange(line.Length, 0, columns));
        Assert.Contains(lines, line => line.Length > columns - 20);
    }

    [TerminalTheory]
    [InlineData("xterm-256color", "", true)]
    [InlineData("xterm-256color", "NO_COLOR=1", false)]
    [InlineData("dumb", "", false)]
    public async Task Doctor_has_colours_where_they_can_be_seen(string terminal, string variable, bool coloured)
    {
        var text = await OnTerminalAsync($"stty cols 70 && {variable} codex-companion doctor --dry-run --check settings", terminal);
        Assert.Equal(coloured, text.Contains("\u001b[", StringComparison.Ordinal));
        Assert.DoesNotContain("\u001b[?", text, StringComparison.Ordinal); // Modes of the terminal are none of its business.
    }

    /// <summary>What a command line writes to a terminal.</summary>
    private async Task<string> OnTerminalAsync(string commandLine, string terminal)
    {
        var start = new ProcessStartInfo(TerminalFactAttribute.Script, ["-qec", commandLine, "/dev/null"])
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
