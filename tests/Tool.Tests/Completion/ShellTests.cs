using System.Diagnostics;
using Xunit;

namespace CodexCompanion.Tool.Tests.Completion;

/// <summary>The scripts in real shells, where those are installed, with the built tool on PATH.</summary>
public sealed class ShellTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ToolBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("codex-companion task --sandb", "--sandbox")]
    [InlineData("codex-companion task --sandbox=wor", "workspace-write")]
    [InlineData("codex-companion broker sta", "status")]
    [InlineData("codex-companion task --prompt-file my", "my file.txt")]
    public async Task Bash_completes(string line, string expected)
    {
        _bench.WriteFile("my file.txt", "");

        // Split as bash does for its completion functions, at blanks and equals signs.
        var words = line.Replace("=", " = ", StringComparison.Ordinal);
        var script = $"""
            source <(codex-companion completion bash)
            COMP_WORDS=({words}); COMP_CWORD=$(({"${#COMP_WORDS[@]}"} - 1))
            _codex_companion && printf '%s\n' "{"${COMPREPLY[@]}"}"
            complete -p codex-companion >/dev/null
            """;
        Assert.Equal(expected + "\n", await InShellAsync("bash", "--norc", "-eu", "-c", script) ?? expected + "\n");
    }

    [Theory]
    [InlineData("codex-companion task --sandb", "--sandbox:What its commands may touch")]
    [InlineData("codex-companion broker sta", "status:Show the broker of this workspace.")]
    public async Task Zsh_completes(string line, string expected)
    {
        // Outside a completion widget the system's own functions cannot run: what would be shown is printed instead.
        var script = $$"""
            compdef() { [[ $1 == _codex_companion && $2 == codex-companion ]] || exit 9; }
            source <(codex-companion completion zsh)
            _describe() { print -rl -- "${candidates[@]}"; }
            words=({{line}}); CURRENT=${#words}; PREFIX=${words[CURRENT]}
            _codex_companion
            """;
        var shown = await InShellAsync("zsh", "-f", "-c", script);
        if (shown is not null)
            Assert.StartsWith(expected, Assert.Single(shown.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    [InlineData("powershell")]
    public async Task Every_script_asks_the_tool_and_says_how_to_use_it(string shell)
    {
        var script = (await _bench.RunAsync("completion", shell)).Out;
        Assert.Contains($"codex-companion completion {shell}", script, StringComparison.Ordinal);
        Assert.Contains("completion suggest \"--word=", script, StringComparison.Ordinal);
        Assert.Equal(script, (await _bench.RunAsync("completion", shell, "--json")).Json.GetProperty("script").GetString());
    }

    /// <summary>What a shell prints; null where it is not installed.</summary>
    private async Task<string?> InShellAsync(string shell, params string[] arguments)
    {
        var path = new[] { "/bin", "/usr/bin", "/usr/local/bin" }.Select(folder => Path.Combine(folder, shell)).FirstOrDefault(File.Exists);
        if (path is null)
            return null;
        var start = new ProcessStartInfo(path, arguments)
        {
            WorkingDirectory = _bench.Work,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in _bench.Variables)
            start.Environment[name] = value;
        start.Environment["PATH"] = $"{AppContext.BaseDirectory}:/usr/bin:/bin";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Patience);
        Assert.Equal((0, ""), (process.ExitCode, await error));
        return await output;
    }
}
