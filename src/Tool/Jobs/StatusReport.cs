using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Hooks;
using CodexCompanion.Tool.Rendering;
using CodexCompanion.Tool.Setup;

namespace CodexCompanion.Tool.Jobs;

/// <summary>What <c>status</c> shows of a workspace.</summary>
/// <param name="WorkspaceRoot">The workspace.</param>
/// <param name="Config">Settings of the workspace; null when there are none, or none that can be read.</param>
/// <param name="Runtime">How the next task would reach Codex.</param>
/// <param name="Running">Active jobs, newest first.</param>
/// <param name="LatestFinished">The newest finished one; null when there is none.</param>
/// <param name="Recent">Finished ones before that, newest first.</param>
internal sealed record StatusReport(
    string WorkspaceRoot, WorkspaceConfig? Config, SessionRuntimeJson Runtime, IReadOnlyList<JobView> Running, JobView? LatestFinished, IReadOnlyList<JobView> Recent)
{
    // As many as the Node runtime shows.
    private const int MostRecent = 8;

    /// <summary>Gathers it. Starts nothing and connects to nothing, but to ask about a turn whose worker is gone.</summary>
    /// <param name="scope">Where.</param>
    /// <param name="all">Whether the jobs of all sessions are shown, and all of them.</param>
    public static async Task<StatusReport> GatherAsync(JobScope scope, bool all)
    {
        var now = scope.Host.Time.GetUtcNow();
        var known = all ? await scope.Reconciler.AllAsync(scope.Store) : await scope.Reconciler.NewestAsync(scope.Store, scope.Host.SessionId);
        var jobs = known.Where(job => all || scope.IsOurs(job)).ToList();
        // What ended last comes first: a job that took an hour is news although younger ones ended before.
        var finished = jobs.Where(job => job.IsFinished).OrderByDescending(job => job.EndedAt).ToList();
        var latest = finished.FirstOrDefault(scope.MayBeMeant) ?? finished.FirstOrDefault();
        return new StatusReport(
            scope.Store.Workspace.Root,
            scope.Store.ReadConfig().Value,
            RuntimeOf(scope),
            [.. jobs.Where(job => !job.IsFinished).Select(job => JobView.Of(scope.Store, job, now))],
            latest is null ? null : JobView.Of(scope.Store, latest, now),
            [.. finished.Where(job => job != latest).Take(all ? int.MaxValue : MostRecent).Select(job => JobView.Of(scope.Store, job, now))]);
    }

    /// <summary>Whether the review gate is on.</summary>
    public bool ReviewGate => Config?.StopReviewGate == true;

    /// <summary>What the gate last said, while it is on; null when it never did.</summary>
    public StopReviewMemory? LastStopReview =>
        ReviewGate && StopReviewMemory.Of(Config!) is { At: not null, Verdict: not null } memory ? memory : null;

    /// <summary>As <c>--json</c> shows it.</summary>
    public StatusJson ForProgram() => new(
        WorkspaceRoot,
        new StatusConfigJson(ReviewGate),
        Runtime,
        [.. Running.Select(JobJson.Of)],
        LatestFinished is null ? null : JobJson.Of(LatestFinished),
        [.. Recent.Select(JobJson.Of)],
        NeedsReview: ReviewGate,
        LastStopReview is { } last ? new StatusStopReviewJson(last.Verdict!, last.Summary, last.SessionId, JobView.Time(last.At)) : null);

    private static SessionRuntimeJson RuntimeOf(JobScope scope)
    {
        var broker = scope.Settings.NoBroker.Value ? null : scope.Store.ReadBroker().Value;
        return broker is not null && scope.Host.Processes().Look(broker.Process) == ProcessPresence.Same
            ? new SessionRuntimeJson("shared", "shared session", "A broker shares one Codex app-server in this workspace.", broker.Endpoint)
            : new SessionRuntimeJson(
                "direct",
                "direct startup",
                scope.Settings.NoBroker.Value ? "The shared broker is switched off." : "No shared broker runs yet; the next task or review starts one.",
                Endpoint: null);
    }
}
