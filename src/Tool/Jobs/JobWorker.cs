using CodexCompanion.Pipeline.Broker;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Jobs;

/// <summary>What a worker process does: takes the job it was started for, and runs it to its end.</summary>
internal static class JobWorker
{
    // What only a broker builds; a worker that loaded it would be larger and start later.
    private static readonly string[] OfTheHost =
    [
        "Microsoft.Extensions.Hosting", "Microsoft.Extensions.Configuration", "Microsoft.Extensions.Logging", "Microsoft.Extensions.Diagnostics",
        "Microsoft.Extensions.FileProviders", "Microsoft.Extensions.FileSystemGlobbing", "Microsoft.Extensions.Options",
    ];

    /// <summary>Runs it.</summary>
    /// <param name="host">What comes from outside; its environment is the caller's.</param>
    /// <param name="store">The workspace's state.</param>
    /// <param name="jobId">The job.</param>
    /// <returns>The exit code; nobody but the launching command looks at it.</returns>
    public static async Task<int> RunAsync(ToolHost host, IStateStore store, string jobId)
    {
        using var signals = host.ListenForStop();
        var self = host.Processes().Self;

        // An update of the tool deletes its files under the running process: what is loaded by now goes on.
        OwnAssemblies.Load(OfTheHost);
        StateRead<JobRecord> taken;
        JobRecord Taken(JobRecord job) => JobStart.By(self, JobKinds.WaitsForOthers(job) ? job : JobStart.Begun(job, host.Time));
        try
        {
            taken = store.UpdateJob(jobId, job => job.Status == JobStatus.Queued ? Taken(job) : job);
        }
        catch (StateStoreException refused)
        {
            // Who launched it tells its last line.
            return Reporter.Fail(host.Streams, CommandError.State(refused) with { Hint = null }, json: false);
        }

        if (taken.Value is not { } mine)
            return Reporter.Fail(host.Streams, CommandError.State(taken.Detail ?? $"There is no job {jobId}.") with { Hint = null }, json: false);
        if (mine.Process != self || mine.IsFinished)
            return ExitCodes.Done; // Cancelled while this process started, or another one's.

        var made = JobKinds.Rebuild(host, store, mine);
        if (made.Value is not { } work)
            return Refuse(host, store, mine, made.Error!);
        var audience = new RunAudience(new SilentView(), Json: false, Verbose: false, GetsResult: false);
        var (end, problem) = await JobRunner.RunAsync(host, store, mine, Task.CompletedTask, work, audience, new WorkerSignals(signals), []);
        if (problem is not null)
            host.Streams.WriteErrorLine(problem);
        return end.ExitCode;
    }

    private static int Refuse(ToolHost host, IStateStore store, JobRecord job, CommandError error)
    {
        try
        {
            store.UpdateJob(job.Id, current => current with
            {
                Status = JobStatus.Failed,
                Phase = "failed",
                Pid = null,
                ErrorCode = error.Code,
                ErrorMessage = error.Message,
                ExitCode = error.ExitCode,
            });
        }
        catch (StateStoreException)
        {
            // Then the next reader finds this process gone, and the sentence below in the job's log.
        }

        return Reporter.Fail(host.Streams, error, json: false);
    }

    /// <summary>A worker is ended by <c>cancel</c>: its job is cancelled, and not "ended by signal 15".</summary>
    private sealed class WorkerSignals(IStopSignals signals) : IStopSignals
    {
        public CancellationToken Stop => signals.Stop;

        public int? Signal => null;

        public void Dispose()
        {
            // They belong to the worker, which outlives the run.
        }
    }
}
