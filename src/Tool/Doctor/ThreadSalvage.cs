using CodexCompanion.Pipeline.Recovery;
using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Configuration;
using CodexCompanion.Tool.Jobs;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Doctor;

/// <summary>
/// Asks Codex's own record of a thread for what our record of a job has lost: what was asked, and what came of it. Unlike
/// <see cref="JobRecovery"/> it needs nothing of the job's request, since that is what is lost, and no configuration that can be read.
/// One for a run of doctor.
/// </summary>
internal sealed class ThreadSalvage
{
    // For all jobs of a run: a codex that answers reads eighty threads in it, and one that does not costs no more than this.
    private static readonly TimeSpan LimitInAll = TimeSpan.FromSeconds(20);

    private TimeSpan _spent;

    /// <summary>Whether there is a thread to ask for, and something lost.</summary>
    public static bool MayHelp(JobRecord job) => job is { IsFinished: true, ThreadId: not null } && (job.Request is null || job.Rendered is null);

    /// <summary>
    /// Recovers the result of a job that was lost with its worker, once per job: as <c>result</c> does where the record says what was asked,
    /// else from the thread alone.
    /// </summary>
    /// <param name="place">Where.</param>
    /// <param name="job">The job.</param>
    /// <param name="beforeChange">Is called just before the record changes; null for nothing.</param>
    /// <returns>The job as it stands then, and why nothing was read; null when something was.</returns>
    public async Task<(JobRecord Job, string? Obstacle)> RecoverAsync(DoctorPlace place, JobRecord job, Action? beforeChange)
    {
        if (!JobRecovery.MayHelp(job))
            return (job, null);
        var host = place.Site.Host;
        if (JobKinds.Rebuild(host, place.Store, place.Store.ReadJob(job.Id).Value ?? job).Value is null)
        {
            var finding = await FindAsync(place, job);
            if (finding is not TurnFinding.Read read)
                return (job, ObstacleOf(finding));
            beforeChange?.Invoke();
            return (place.Store.UpdateJob(job.Id, current => JobRecovery.MayHelp(current) ? Filled(current, read, host.Time.GetUtcNow()) : current).Value ?? job, null);
        }

        var after = await TimedAsync(place, () => new JobRecovery(host).TryAsync(place.Store, job, beforeChange));
        return (after ?? job, after?.RecoveryTriedAt is null ? "Codex's own record could not be read" : null);
    }

    /// <summary>Asks. Starts an app-server of its own, and only reads.</summary>
    /// <returns>What Codex has of the turn, or why it was not read.</returns>
    public async Task<TurnFinding> FindAsync(DoctorPlace place, JobRecord job) =>
        await TimedAsync(place, () => LostTurnLook.AskAsync(place.Site.Host, place.Store, job, RequestOf(job), place.Site.Limits, CodexPathOf(place)))
        ?? new TurnFinding.Unreadable("Codex was slow to tell of other jobs");

    // Why nothing was read, as a phrase; null when something was.
    private static string? ObstacleOf(TurnFinding finding) => finding switch
    {
        TurnFinding.MayStillRun running => running.Sentence.TrimEnd('.'),
        TurnFinding.Unreadable unreadable => unreadable.Sentence.TrimEnd('.'),
        _ => null,
    };

    private static string? CodexPathOf(DoctorPlace place) =>
        SettingsLoader.Load(place.Workspace.Workspace.Root, place.Site.Host.Variables).Value?.CodexPath.Value;

    private async Task<T?> TimedAsync<T>(DoctorPlace place, Func<Task<T>> ask)
        where T : class
    {
        if (_spent >= LimitInAll)
            return null;
        var time = place.Site.Host.Time;
        var begun = time.GetTimestamp();
        try
        {
            return await ask();
        }
        finally
        {
            _spent += time.GetElapsedTime(begun);
        }
    }

    /// <summary>The record with what was found put in where it lacks something. What it has already stays.</summary>
    public static JobRecord Filled(JobRecord job, TurnFinding.Read found, DateTimeOffset now)
    {
        var filled = found.Prompt is { } prompt && job.Request is null
            ? job with { Request = JsonText.Element(new SalvagedRequestJson(prompt), ToolJson.Default.SalvagedRequestJson), Summary = Excerpt.Of(prompt, 96) }
            : job;
        return found.Fate switch
        {
            TurnFate.Completed { Result: var result } when job is { Status: JobStatus.Completed } or { Status: JobStatus.Failed, ErrorCode: JobErrorCodes.WorkerLost } => Completed(filled, result, now),
            TurnFate.Interrupted { Partial.FinalText: var text } => Unfinished(filled, text, "Codex's own record says that the turn was cut short.", now),
            TurnFate.Failed { Failure: var failure } => Unfinished(filled, failure.Result?.FinalText, $"Codex's own record says that the turn failed: {failure.Message}", now),
            _ => filled with { RecoveryTriedAt = now },
        };
    }

    private static JobRecord Completed(JobRecord job, TurnResult result, DateTimeOffset now)
    {
        var end = TaskEnding.Of(RequestOf(job), new Outcome.Completed(result), new RunFacts(job.ThreadId, job.RecoveryNotes ?? [], Signal: null, new CommandNames(job.SessionId)));
        var ended = JobRecording.Ended(job, end, job.ThreadId, job.RecoveryNotes ?? []);

        // A review's result has another shape, which takes more than the thread to make: its text is what can be had.
        var shaped = job.JobClass == "review" ? ended with { Result = job.Result, Rendered = result.Review ?? end.Rendered } : ended;
        return shaped with { Rendered = job.Rendered ?? shaped.Rendered, CompletedAt = job.CompletedAt ?? now, RecoveryTriedAt = now };
    }

    private static JobRecord Unfinished(JobRecord job, string? text, string sentence, DateTimeOffset now) => job with
    {
        Rendered = job.Rendered ?? (string.IsNullOrEmpty(text) ? null : text),
        ErrorMessage = job.Status == JobStatus.Failed ? $"{job.ErrorMessage} {sentence}".TrimStart() : job.ErrorMessage,
        RecoveryTriedAt = now,
    };

    private static TurnRequest RequestOf(JobRecord job) => new()
    {
        JobId = job.Id,
        Cwd = job.Cwd ?? job.WorkspaceRoot ?? "/",
        Prompt = "",
        ClientMessageId = job.ClientMessageId ?? job.Id, // A lost one is found by its turn; nobody ever sent this id.
        Sandbox = ConfigWords.TrySandbox(job.Sandbox, out var sandbox) ? sandbox : SandboxMode.ReadOnly,
        Environment = new Dictionary<string, string>(StringComparer.Ordinal),
        Model = job.Model,
        Effort = job.Effort,
    };
}

/// <summary>What is known of the request of a job whose record was lost: what was asked.</summary>
internal sealed record SalvagedRequestJson(string Prompt);
