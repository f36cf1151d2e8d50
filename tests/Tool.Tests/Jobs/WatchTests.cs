using System.Text.Json;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Jobs;
using CodexCompanion.Tool.Watching;
using Spectre.Console;
using Xunit;

namespace CodexCompanion.Tool.Tests.Jobs;

/// <summary>Watching jobs: the lines, and what stands on the screen.</summary>
public sealed class WatchTests : IDisposable
{
    private readonly ToolBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Without_a_terminal_each_change_is_a_line_and_the_end_of_the_last_job_ends_the_watch()
    {
        Create("task-one", "editing");
        using var output = new SignallingStream();
        _bench.Stdout = output;
        var watch = _bench.RunAsync("status", "--watch");
        await output.HasAsync("task-one | editing");
        _bench.Store.AppendJobLog("task-one", "Running: make");
        await output.HasAsync("Running: make");
        _bench.Store.UpdateJob("task-one", job => job with { Status = JobStatus.Completed, Phase = "done" });
        Assert.Equal(0, (await watch).ExitCode);
        var lines = output.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, lines.Length);
        Assert.StartsWith("task-one | completed | ", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task For_a_program_each_line_is_an_object()
    {
        Create("task-one", "editing");
        _bench.Store.UpdateJob("task-one", job => job with { Status = JobStatus.Failed, ErrorMessage = "No." });
        var end = await _bench.RunAsync("status", "task-one", "--watch", "--json");
        using var line = JsonDocument.Parse(Assert.Single(end.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal("failed", line.RootElement.GetProperty("job").GetProperty("status").GetString());
    }

    [Fact]
    public async Task With_nothing_to_watch_it_says_so_and_ends()
    {
        Assert.Equal("No active jobs.\n", (await _bench.RunAsync("status", "--watch")).Out);
        Assert.Equal(ExitCodes.Usage, (await _bench.RunAsync("status", "--watch", "--wait")).ExitCode);
    }

    [Theory]
    [InlineData(110)]
    [InlineData(60)]
    [InlineData(30)]
    public void A_job_is_one_line_however_narrow_the_terminal_and_its_words_are_no_markup(int width)
    {
        var state = new WatchState();
        state.Show([Row("task-a", "[red]x[/] " + new string('y', 200)), Row("task-b", "second")]);
        var lines = Draw(state, width);
        Assert.Equal(5, lines.Length); // The headings, two jobs, a blank line, the keys.
        Assert.StartsWith(">  task-a", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("   task-b", lines[2], StringComparison.Ordinal);
        Assert.All(lines, line => Assert.True(line.Length <= width));
        if (width == 110)
            Assert.Contains("1.5M    [red]x[/] yyy", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Wide_characters_get_the_columns_they_take()
    {
        var state = new WatchState();
        var line = string.Concat(Enumerable.Repeat("\u6f22\u5b57", 10));
        state.Show([Row("task-a", line)]);
        Assert.Contains(line, Draw(state, 110)[1], StringComparison.Ordinal);
    }

    [Fact]
    public void More_jobs_than_lines_scroll_with_the_selection()
    {
        var state = new WatchState();
        state.Show([.. Enumerable.Range(10, 30).Select(i => Row($"task-{i}", "x"))]);
        foreach (var _ in Enumerable.Range(0, 50))
            state.Press(Key('j'));
        var lines = Draw(state, width: 80, height: 12);
        Assert.True(lines.Length <= 12);
        Assert.Contains(lines, line => line.StartsWith(">  task-39", StringComparison.Ordinal));
    }

    [Fact]
    public void Keys_open_the_log_and_cancel_only_after_a_yes()
    {
        Create("task-a", "editing");
        _bench.Store.AppendJobLog("task-a", "a line of its log");
        var state = new WatchState();
        state.Show([new WatchRow(new FoundJob(_bench.Store, _bench.Job), JobView.Of(_bench.Store, _bench.Job, TimeProvider.System.GetUtcNow()))]);
        Assert.Equal(WatchWish.None, state.Press(Key('l')));
        Assert.Contains("a line of its log", Draw(state, 80));
        state.Press(Key('c'));
        Assert.Equal("Cancel task-a? y / n", Draw(state, 80)[^1]);
        Assert.Equal(WatchWish.None, state.Press(Key('n')));
        Assert.Null(state.TakeConfirmed());
        state.Press(Key('c'));
        Assert.Equal(WatchWish.Cancel, state.Press(Key('y')));
        Assert.Equal("task-a", state.TakeConfirmed()?.Job.Id);
        Assert.Equal(WatchWish.Quit, state.Press(Key('q')));
    }

    private static ConsoleKeyInfo Key(char c) => new(c, ConsoleKey.None, shift: false, alt: false, control: false);

    private static string[] Draw(WatchState state, int width, int height = 24)
    {
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = width;
        console.Write(WatchPage.Of(state, width, height));
        return [.. text.ToString().TrimEnd('\n').Split('\n').Select(line => line.TrimEnd())];
    }

    private WatchRow Row(string id, string line)
    {
        using var usage = JsonDocument.Parse("{\"total\":{\"totalTokens\":1500000}}");
        var job = new JobRecord { Id = id, Status = JobStatus.Running, Phase = "editing", Kind = "rescue", Summary = line, Usage = usage.RootElement.Clone() };
        return new WatchRow(new FoundJob(_bench.Store, job), JobView.Of(_bench.Store, job, TimeProvider.System.GetUtcNow()));
    }

    private void Create(string id, string phase) => _bench.Store.CreateJob(new JobRecord
    {
        Id = id,
        Kind = "rescue",
        Status = JobStatus.Running,
        Phase = phase,
        Process = new ProcessTable().Self,
        StartedAt = TimeProvider.System.GetUtcNow(),
    });

    /// <summary>Standard output that tells what came.</summary>
    private sealed class SignallingStream : MemoryStream
    {
        private readonly Lock _gate = new();

        public string Text
        {
            get
            {
                lock (_gate)
                    return System.Text.Encoding.UTF8.GetString(ToArray());
            }
        }

        public async Task HasAsync(string text)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            while (!Text.Contains(text, StringComparison.Ordinal))
                await Task.Delay(5, limit.Token);
        }

        // The other overload comes by here, as it does in every class made from this one.
        public override void Write(byte[] buffer, int offset, int count)
        {
            lock (_gate)
                base.Write(buffer, offset, count);
        }
    }
}
