using CodexCompanion.Tool.Commands;

namespace CodexCompanion.Tool.Jobs;

/// <summary>What waiting came to.</summary>
/// <param name="Jobs">The jobs, in the order asked for, as they stand.</param>
/// <param name="TimedOut">Whether the time was up before what was waited for had happened.</param>
internal sealed record WaitEnd(IReadOnlyList<FoundJob> Jobs, bool TimedOut);

/// <summary>Waits until jobs have ended. A job whose worker dies meanwhile has ended, too.</summary>
/// <param name="host">What comes from outside.</param>
/// <param name="reconciler">Marks the jobs whose worker died.</param>
/// <param name="recovery">Recovers their results; null for whoever only looks.</param>
internal sealed class JobWaiter(ToolHost host, JobReconciler reconciler, JobRecovery? recovery)
{
    // Soon enough that nobody notices; a look is one small read and one at the process.
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);

    // A result that could not be recovered is not tried for again while others are waited for: each try may start a codex.
    private readonly HashSet<string> _tried = new(StringComparer.Ordinal);

    /// <summary>Waits.</summary>
    /// <param name="jobs">The jobs.</param>
    /// <param name="any">Whether the end of one of them is enough.</param>
    /// <param name="timeout">How long to wait; null for as long as it takes.</param>
    /// <param name="stop">Ends the waiting (not the jobs) with an <see cref="OperationCanceledException"/>.</param>
    public async Task<WaitEnd> WaitAsync(IReadOnlyList<FoundJob> jobs, bool any, TimeSpan? timeout, CancellationToken stop)
    {
        var begun = host.Time.GetTimestamp();
        var current = jobs.ToArray();
        while (true)
        {
            for (var i = 0; i < current.Length; i++)
                current[i] = await LookAsync(current[i]);
            if (any ? Array.Exists(current, HasEnded) : Array.TrueForAll(current, HasEnded))
                return new WaitEnd(current, TimedOut: false);
            var left = (timeout - host.Time.GetElapsedTime(begun)) ?? Timeout.InfiniteTimeSpan;
            if (timeout is not null && left <= TimeSpan.Zero)
                return new WaitEnd(current, TimedOut: true);
            await Task.Delay(timeout is not null && left < LookAgain ? left : LookAgain, host.Time, stop);
        }
    }

    private async Task<FoundJob> LookAsync(FoundJob found)
    {
        var job = found.Job;
        if (!job.IsFinished)
            job = await reconciler.OneAsync(found.Store, found.Store.ReadJob(job.Id).Value ?? job);
        return found with { Job = recovery is not null && JobRecovery.MayHelp(job) && _tried.Add(job.Id) ? await recovery.TryAsync(found.Store, job) : job };
    }

    private static bool HasEnded(FoundJob found) => found.Job.IsFinished;
}
