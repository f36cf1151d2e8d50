using System.Diagnostics;
using System.Text.RegularExpressions;
using Xunit;

namespace CodexCompanion.Tool.Tests.Plugin;

/// <summary>The command lines of the plugin's texts as the host runs them: in its shell, with the plugin's launcher on PATH, and what the user typed put in.</summary>
public sealed partial class PluginCommandTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ToolBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("status")]
    [InlineData("result")]
    [InlineData("cancel")]
    [InlineData("doctor")]
    public async Task Each_runs_in_the_hosts_shell(string command)
    {
        if (OperatingSystem.IsWindows())
            return;
        var (exitCode, output, error) = await InShellAsync(BlockOf(command));
        Assert.True(exitCode is 0 or 1, error);
        Assert.NotEqual("", output + error);
    }

    [Theory]
    [InlineData("$(touch pwned) `touch pwned` \"a 'quote\" \\ $HOME ; touch pwned & | > pwned")]
    [InlineData("--write is what the test is about, and\nits second line has\ttabs")]
    [InlineData("ende EOF <<CODEX_ARGUMENTS_END 日本語")]
    public async Task What_the_user_typed_arrives_as_it_is_and_runs_nothing(string typed)
    {
        if (OperatingSystem.IsWindows() || (await InShellAsync("rmdir .git && git init -q . && echo x > a.txt && git add a.txt")).ExitCode != 0)
            return;
        var script = BlockOf("adversarial-review").Replace("$ARGUMENTS", $"--scope staged --show-context {typed}", StringComparison.Ordinal);
        var (exitCode, output, error) = await InShellAsync(script);
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Contains(typed, output, StringComparison.Ordinal);
        Assert.Equal(["a.txt"], Directory.GetFiles(_bench.Work).Select(Path.GetFileName));
    }

    private static string BlockOf(string command) =>
        ShellBlock().Match(File.ReadAllText(RepositoryFolder.PathOf("plugin", "commands", command + ".md"))).Groups["script"].Value;

    private async Task<(int ExitCode, string Output, string Error)> InShellAsync(string script)
    {
        var start = new ProcessStartInfo("/bin/bash", ["--norc", "-c", script])
        {
            WorkingDirectory = _bench.Work,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        foreach (var (variable, value) in _bench.Variables)
            start.Environment[variable] = value;
        start.Environment["PATH"] = $"{RepositoryFolder.PathOf("plugin", "bin")}:/usr/bin:/bin";
        start.Environment["CLAUDE_CODE_SESSION_ID"] = "s1";
        start.Environment["CODEX_COMPANION_TOOL"] = Path.Combine(AppContext.BaseDirectory, "codex-companion");
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Patience);
        return (process.ExitCode, await output, await error);
    }

    [GeneratedRegex(@"^```bash\r?\n(?<script>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ShellBlock();
}
