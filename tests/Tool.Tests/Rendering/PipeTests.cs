using System.Diagnostics;
using CodexCompanion.StateStore.Records;
using Xunit;

namespace CodexCompanion.Tool.Tests.Rendering;

/// <summary>The built tool in real pipes: readers that leave early, colour where nobody sees it.</summary>
public sealed class PipeTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ToolBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("codex-companion --help", 0)]
    [InlineData("codex-companion task --help --json", 0)]
    [InlineData("codex-companion completion bash", 0)]
    [InlineData("codex-companion config show --origin", 0)]
    [InlineData("codex-companion status --all", 0)]
    [InlineData("codex-companion logs task-long", 0)]
    [InlineData("codex-companion logs task-long -f", 0)]
    [InlineData("codex-companion events task-long --json", 0)]
    [InlineData("codex-companion doctor --list-checks", 0)]
    [InlineData("codex-companion result task-long", 1)]
    [InlineData("codex-companion no-such-command 2>&3", 2)]
    public async Task A_reader_that_leaves_early_is_no_reason_to_complain(string command, int exitCode)
    {
        if (OperatingSystem.IsWindows())
            return;
        LongJob();

        // The reader is gone before the tool starts: what it writes first fails already.
        var (output, error) = await InShellAsync($"exec 3> >(:); wait $!; {command} >&3; echo exit $?");
        Assert.Equal(("", $"exit {exitCode}\n"), (error, output));
    }

    [Theory]
    [InlineData("codex-companion --version", 1)]
    [InlineData("codex-companion status --json", 1)]
    [InlineData("codex-companion result task-long", 1)]
    [InlineData("codex-companion hook stop", 0)]
    public async Task A_full_disk_behind_stdout_is_a_failure_that_is_told(string command, int exitCode)
    {
        if (!File.Exists("/dev/full"))
            return;
        LongJob();
        var (output, error) = await InShellAsync($"{command} > /dev/full < /dev/null; echo exit $?");
        Assert.Equal($"exit {exitCode}\n", output);
        Assert.Equal(exitCode == 0 ? "" : "error: stdout could not be written: No space left on device.\n", error);
    }

    // What a process opens first gets the numbers of the streams it was started without.
    [Theory]
    [InlineData("codex-companion task <&-", 2, "error: The prompt is empty.")]
    [InlineData("codex-companion status >&-", 1, "error: stdout could not be written: Bad file descriptor.")]
    [InlineData("codex-companion status <&- >&- 2>&-", 1, "")]
    [InlineData("codex-companion hook session-end <&- >&- 2>&-", 0, "")]
    public async Task A_stream_that_was_closed_stays_closed(string command, int exitCode, string told)
    {
        if (OperatingSystem.IsWindows())
            return;
        var (output, error) = await InShellAsync($"{command}; echo exit $?");
        Assert.Equal($"exit {exitCode}\n", output);
        Assert.StartsWith(told, error, StringComparison.Ordinal);
        Assert.Equal(told.Length == 0, error.Length == 0);
    }

    [Fact]
    public async Task A_result_that_nobody_read_counts_as_not_collected()
    {
        if (OperatingSystem.IsWindows())
            return;
        LongJob();
        Assert.Equal(("0\n", ""), await InShellAsync("codex-companion result task-long | head -n 1"));
        Assert.Null(_bench.Store.ReadJob("task-long").Value!.CollectedAt);
    }

    [Theory]
    [InlineData("FORCE_COLOR=1", true)]
    [InlineData("FORCE_COLOR=1 TERM=dumb", true)]
    [InlineData("FORCE_COLOR=1 NO_COLOR=1", false)]
    [InlineData("TERM=xterm", false)]
    public async Task Colour_in_a_pipe_is_for_whoever_orders_it(string variables, bool coloured)
    {
        if (OperatingSystem.IsWindows())
            return;
        var (output, _) = await InShellAsync($"{variables} codex-companion doctor --dry-run --check settings");
        Assert.Equal(coloured, output.Contains('\u001b', StringComparison.Ordinal));
    }

    private void LongJob() => _bench.Store.CreateJob(new JobRecord
    {
        Id = "task-long",
        Kind = "rescue",
        JobClass = "task",
        Status = JobStatus.Completed,
        // More than a pipe holds.
        Rendered = string.Join('\n', Enumerable.Range(0, 60_000)),
    });

    private async Task<(string Output, string Error)> InShellAsync(string script)
    {
        var start = new ProcessStartInfo("/bin/bash", ["--norc", "-c", script])
        {
            WorkingDirectory = _bench.Work,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in (string[])["FORCE_COLOR", "NO_COLOR", "CLAUDE_CODE_SESSION_ID", "CODEX_COMPANION_SESSION_ID"])
            start.Environment.Remove(name);
        foreach (var (name, value) in _bench.Variables)
            start.Environment[name] = value;
        start.Environment["PATH"] = $"{AppContext.BaseDirectory}:/usr/bin:/bin";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Patience);
        return (await output, await error);
    }
}
