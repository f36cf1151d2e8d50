using CodexCompanion.Pipeline.Processes;
using CodexCompanion.Tool.Selftest;
using CodexCompanion.Tool.Selftest.Rows;
using Xunit;

namespace CodexCompanion.Tool.Tests.Selftest;

public sealed class SelftestRunnerTests : IDisposable
{
    private readonly SelftestFolder _folder = new();
    private readonly List<RowResult> _reported = [];
    private readonly TaskCompletionSource _firstReported = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_row_is_reported_and_a_failing_one_spoils_no_other()
    {
        var results = await RunAsync(
            new FakeRow("first"),
            new FakeRow("broken") { Runs = (_, _) => Task.FromResult<IReadOnlyList<TaskRun>>([FakeRow.Run(1, exitCode: 7)]), Faults = 0 },
            new FakeRow("last"));

        Assert.Equal(["first", "broken", "last"], results.Select(r => r.Name));
        Assert.Equal([RowStatus.Passed, RowStatus.Failed, RowStatus.Passed], results.Select(r => r.Status));
        Assert.Equal(["broken", "first", "last"], _reported.Select(r => r.Name).Order());
    }

    [Fact]
    public async Task A_row_that_crashes_has_failed()
    {
        var result = Assert.Single(await RunAsync(new FakeRow { Runs = (_, _) => throw new InvalidOperationException("Boom.") }));
        Assert.Equal((RowStatus.Failed, "The row could not be run to its end: Boom."), (result.Status, result.Detail));
    }

    [Fact]
    public async Task A_row_that_cannot_run_here_is_skipped_with_its_reason()
    {
        var result = Assert.Single(await RunAsync(new FakeRow { Reason = "There is no SIGKILL.", Runs = (_, _) => throw new InvalidOperationException() }));
        Assert.Equal((RowStatus.Skipped, 0, "There is no SIGKILL."), (result.Status, result.Tasks, result.Detail));
    }

    [Fact]
    public async Task What_a_row_leaves_running_is_found_and_ended()
    {
        if (!OperatingSystem.IsLinux())
            return; // Elsewhere nothing is found by its environment.
        ChildProcess? left = null;
        var result = Assert.Single(await RunAsync(new FakeRow("careless")
        {
            Runs = async (sandbox, _) =>
            {
                left = OwnProcess.Start(sandbox, ["app-server"]);
                await LeftProcess.HasItsEnvironmentAsync(left);
                return FakeRow.Record(sandbox, FakeRow.AllWell());
            },
        }));

        Assert.Equal(RowStatus.Failed, result.Status);
        Assert.Contains("left running", result.Detail, StringComparison.Ordinal);
        await left!.Exited.WaitAsync(TimeSpan.FromSeconds(20));
        left.Dispose();
    }

    [Fact]
    public async Task Asked_to_stop_it_answers_with_the_rows_that_have_ended()
    {
        using var stop = new CancellationTokenSource();
        var running = new TaskCompletionSource();
        var work = RunAsync(
            [
                new FakeRow("ended"),
                new FakeRow("running")
                {
                    Runs = async (_, cancellation) =>
                    {
                        running.SetResult();
                        await Task.Delay(Timeout.Infinite, cancellation);
                        return [];
                    },
                },
            ],
            stop.Token);
        await running.Task;
        await _firstReported.Task;
        await stop.CancelAsync();

        Assert.Equal("ended", Assert.Single(await work).Name);
    }

    [Fact]
    public async Task A_row_that_gives_up_by_itself_has_failed_and_is_not_left_out()
    {
        var result = Assert.Single(await RunAsync(new FakeRow("gives-up") { Runs = (_, _) => throw new TaskCanceledException("a wait of its own") }));
        Assert.Equal(RowStatus.Failed, result.Status);
        Assert.Contains("a wait of its own", result.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void The_rows_have_names_of_their_own_and_one_of_them_is_a_control()
    {
        var rows = RowCatalog.Create();
        Assert.Equal(rows.Count, rows.Select(r => r.Name).Distinct(StringComparer.Ordinal).Count());
        Assert.Single(rows, row => row.IsControl);
        Assert.All(rows.Where(r => r.LeastFaults == 0), row => Assert.Equal("healthy", row.Name));
    }

    private Task<IReadOnlyList<RowResult>> RunAsync(params Row[] rows) => RunAsync(rows, CancellationToken.None);

    private Task<IReadOnlyList<RowResult>> RunAsync(Row[] rows, CancellationToken stop)
    {
        var runner = new SelftestRunner(SelftestFolder.Program, SelftestFolder.Caller, TimeProvider.System) { GoneWithin = TimeSpan.FromMilliseconds(300) };
        return runner.RunAsync(rows, _folder.Path, Report, stop);
    }

    private void Report(RowResult result)
    {
        _reported.Add(result);
        _firstReported.TrySetResult();
    }
}
