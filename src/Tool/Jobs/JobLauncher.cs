using CodexCompanion.Pipeline;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Processes;
using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Commands;

namespace CodexCompanion.Tool.Jobs;

/// <summary>How the launch of a background job went: closed, one of two.</summary>
internal abstract record JobLaunch
{
    private JobLaunch()
    {
    }

    /// <summary>Its worker has it.</summary>
    /// <param name="Job">The record as the worker acknowledged it.</param>
    internal sealed record Started(JobRecord Job) : JobLaunch;

    /// <summary>It does not run; its record, if there is one, says so too.</summary>
    internal sealed record Failed(CommandError Error) : JobLaunch;
}

/// <summary>
/// Launches a job in a worker of its own: durable first, then the worker, then its acknowledgement. Whoever is told the job's id can rely
/// on a process that works on it, and that outlives the terminal, the session and the caller.
/// </summary>
internal sealed class JobLauncher(ToolHost host)
{
    /// <summary>Stable code of a job whose worker could not be started, or ended before it had the job.</summary>
    public const string NotStarted = "worker-not-started";

    // A worker needs some 100 ms to get there.
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(5);

    // A worker that does not acknowledge in time is ended; it holds nothing yet, and politeness need not be long.
    private static readonly TimeSpan EndWithin = TimeSpan.FromSeconds(1);

    /// <summary>Records the job and launches it; neither, where there is no codex for it.</summary>
    public async Task<JobLaunch> LaunchAsync(JobPlan plan)
    {
        if (MissingCodex(plan) is { } missing)
            return new JobLaunch.Failed(CommandError.Of(missing, missing.Hint));
        try
        {
            plan.Store.CreateJob(plan.Job);
            foreach (var remark in plan.Remarks)
                plan.Store.AppendJobLog(plan.Job.Id, remark.Line);
        }
        catch (StateStoreException refused)
        {
            return new JobLaunch.Failed(CommandError.State(refused));
        }

        var program = host.Program();
        var start = new ChildStart(
            program.Path,
            [.. program.LeadingArguments, .. JobWorkerCommand.Arguments(plan.Store.Workspace, plan.Job.Id)],
            WorkerEnvironment.For(host.Variables),
            plan.Store.Paths.Directory); // Never the workspace: a worker must not keep it from being removed.

        // What a worker has to say that it cannot record (a crash of the runtime) stands in the job's log.
        return DetachedProcess.Start(start, plan.Store.Paths.JobLog(plan.Job.Id), host.Processes()) switch
        {
            DetachedStart.Started { Child: var child } => await AcknowledgedAsync(plan, child),
            DetachedStart.Failed failed => GiveUp(plan.Store, plan.Job.Id, $"The worker could not be started: {failed.Reason}"),
            _ => throw new InvalidOperationException("A start is closed."),
        };
    }

    // Its worker would find the same a moment later, when nobody looks any more.
    private static Outcome.Failed? MissingCodex(JobPlan plan) =>
        CodexLocator.Find(plan.Work.Setup.Variables, plan.Work.Setup.CodexPath, new LastCodex(plan.Store.Paths.Root)) is CodexLookup.Missing missing
            ? CodexInUse.NotFound(missing)
            : null;

    private async Task<JobLaunch> AcknowledgedAsync(JobPlan plan, DetachedChild child)
    {
        var begun = host.Time.GetTimestamp();
        while (true)
        {
            // Before the look at the record: what a worker wrote before it ended counts.
            var ended = child.Exited.IsCompleted;
            var job = plan.Store.ReadJob(plan.Job.Id).Value;
            if (job is not null && (job.IsFinished || job.Process?.Pid == child.Pid))
                return new JobLaunch.Started(job);
            if (ended)
            {
                var exit = await child.Exited;
                return GiveUp(plan.Store, plan.Job.Id, $"The worker {exit.Description} before it had the job.{LastWords(plan)}");
            }

            if (host.Time.GetElapsedTime(begun) >= plan.Limits.WorkerAcknowledge)
                break;
            await Task.Delay(LookAgain, host.Time);
        }

        if (child.Identity is { } identity)
            await new ProcessEnder(host.Processes(), host.Time).EndAsync([new FoundProcess(identity, JobWorkerCommand.Name)], EndWithin);
        return GiveUp(
            plan.Store, plan.Job.Id, $"The worker did not take the job within {plan.Limits.WorkerAcknowledge.TotalSeconds:0.#} s.{LastWords(plan)}");
    }

    private static JobLaunch GiveUp(IStateStore store, string jobId, string sentence)
    {
        var error = new CommandError(
            NotStarted, sentence, $"The job is {jobId}; without --background or --hand-over it runs in this command.", Retryable: true, ExitCodes.Lost);
        try
        {
            var read = store.UpdateJob(jobId, job => job.IsFinished
                ? job
                : job with
                {
                    Status = JobStatus.Failed,
                    Phase = "failed",
                    Pid = null,
                    ErrorCode = error.Code,
                    ErrorMessage = sentence,
                    ExitCode = error.ExitCode,
                });
            store.AppendJobLog(jobId, sentence);
            // A cancel may have come first.
            return read.Value is { ErrorCode: not NotStarted } other ? new JobLaunch.Started(other) : new JobLaunch.Failed(error);
        }
        catch (StateStoreException refused)
        {
            return new JobLaunch.Failed(error with { Message = $"{sentence} Nor could that be recorded: {refused.Message}" });
        }
    }

    private static string LastWords(JobPlan plan) =>
        JobLogTail.LastLines(plan.Store, plan.Job, 1) is [var line] ? $" It said: {line}" : "";
}
