using System.Globalization;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Selftest.Rows;

namespace CodexCompanion.Tool.Selftest;

/// <summary>Runs rows, some side by side, and leaves nothing behind.</summary>
/// <param name="program">What the rows run as <c>codex-companion</c>.</param>
/// <param name="caller">The environment of this process.</param>
/// <param name="time">The clock.</param>
internal sealed class SelftestRunner(OwnProgram program, IReadOnlyDictionary<string, string> caller, TimeProvider time)
{
    // What the last task of a row did may be written down a moment after that task has ended.
    private static readonly TimeSpan LateFaults = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// How long what a row started may take to end when the row is over: 100 ms, and more on a machine that does much else. What then still
    /// runs would have stayed.
    /// </summary>
    public TimeSpan GoneWithin { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Rows at a time: a task spends a third of its time waiting for the disk or another process.</summary>
    public static int RowsAtOnce { get; } = Math.Clamp(Environment.ProcessorCount + 1, 2, 8);

    /// <summary>Runs the rows. Each has a folder of its own below the given one.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="folder">The folder; it stays.</param>
    /// <param name="report">Gets each row as it ends, one at a time.</param>
    /// <param name="cancellation">Stops; what was started is ended before this returns.</param>
    /// <returns>The rows in the given order, as far as they ended.</returns>
    public async Task<IReadOnlyList<RowResult>> RunAsync(
        IReadOnlyList<Row> rows, string folder, Action<RowResult> report, CancellationToken cancellation)
    {
        var results = new RowResult?[rows.Count];
        var gate = new Lock();
        try
        {
            await Parallel.ForAsync(
                0,
                rows.Count,
                new ParallelOptions { MaxDegreeOfParallelism = RowsAtOnce, CancellationToken = cancellation },
                async (index, stop) =>
                {
                    var row = rows[index];
                    var result = await RunAsync(row, Path.Combine(folder, (index + 1).ToString("00", CultureInfo.InvariantCulture)), stop);
                    lock (gate)
                    {
                        results[index] = result;
                        report(result);
                    }
                });
        }
        catch (OperationCanceledException)
        {
            // Asked to stop: what has ended so far is the answer.
        }

        return [.. results.OfType<RowResult>()];
    }

    private async Task<RowResult> RunAsync(Row row, string folder, CancellationToken cancellation)
    {
        if (row.WhyNotHere is { } reason)
            return new RowResult { Name = row.Name, Description = row.Description, Status = RowStatus.Skipped, Detail = reason };
        var begun = time.GetTimestamp();
        var result = await JudgeAsync(row, folder, cancellation);
        return result with { Duration = time.GetElapsedTime(begun) };
    }

    private async Task<RowResult> JudgeAsync(Row row, string folder, CancellationToken cancellation)
    {
        Sandbox? sandbox = null;
        try
        {
            sandbox = new Sandbox(folder, row.Script, program, caller, time);
            row.Arrange(sandbox);
            var runs = await row.RunAsync(sandbox, cancellation);
            await WaitForFaultsAsync(row, sandbox, runs);
            var leftovers = await sandbox.Inhabitants.EndAllAsync(GoneWithin);
            return RowJudge.Judge(row, sandbox.Gather(runs), leftovers);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            // A row that cannot be run has not been passed, whatever the reason.
            return new RowResult
            {
                Name = row.Name,
                Description = row.Description,
                Status = RowStatus.Failed,
                Detail = $"The row could not be run to its end: {e.Message}",
            };
        }
        finally
        {
            if (sandbox is not null)
                await sandbox.Inhabitants.KillAllAsync();
        }
    }

    private async Task WaitForFaultsAsync(Row row, Sandbox sandbox, IReadOnlyList<TaskRun> runs)
    {
        var begun = time.GetTimestamp();
        while (row.CountFaults(sandbox.Gather(runs)) < row.LeastFaults && time.GetElapsedTime(begun) < LateFaults)
            await Task.Delay(LookAgain, time);
    }
}
