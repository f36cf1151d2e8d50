using CodexCompanion.Tool.Jobs;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Watching;

/// <summary>
/// The watch where nobody sits at a terminal: a line whenever something of a job has changed, for a program an object. It ends when no
/// watched job is active any more, since nobody is there to end it.
/// </summary>
internal sealed class WatchLines(JobScope scope, WatchedJobs jobs, bool json)
{
    // Quick enough to read along; a look reads the index and the end of each active job's log.
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(250);

    private readonly Dictionary<string, string> _said = new(StringComparer.Ordinal);

    /// <summary>Watches.</summary>
    /// <param name="stop">Ends it.</param>
    public async Task RunAsync(CancellationToken stop)
    {
        while (true)
        {
            var rows = await jobs.LookAsync();
            if (!rows.All(Say))
                return; // Whoever read it has gone; the jobs go on.
            if (rows.All(row => row.Job.IsFinished))
            {
                if (rows.Count == 0 && !json)
                    Reporter.TryPrint(scope.Host.Streams, "No active jobs.\n");
                return;
            }

            await Task.Delay(LookAgain, scope.Host.Time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stop.IsCancellationRequested)
                return;
        }
    }

    private bool Say(WatchRow row)
    {
        // What has not changed is not said again; that time passes is no change.
        var state = $"{row.Phase}\n{row.Tokens}\n{row.LastLine}";
        if (_said.TryGetValue(row.Job.Id, out var before) && before == state)
            return true;
        _said[row.Job.Id] = state;
        var tokens = row.Tokens.Length == 0 ? "" : $" | {row.Tokens} tokens";
        return Reporter.TryPrint(scope.Host.Streams, json
            ? JsonText.Line(new JobStatusJson(row.Found.Store.Workspace.Root, JobJson.Of(row.View)), ToolJson.Default.JobStatusJson) + "\n"
            : $"{row.Job.Id} | {row.Phase} | {row.Elapsed}{tokens} | {row.LastLine}\n");
    }
}
