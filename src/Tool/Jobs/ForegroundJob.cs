using CodexCompanion.StateStore;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Jobs;

/// <summary>A job of any kind run by the command that asked for it: recorded, run, recorded again, printed.</summary>
internal static class ForegroundJob
{
    /// <summary>Runs it and prints its result.</summary>
    /// <param name="call">The command.</param>
    /// <param name="host">What comes from outside.</param>
    /// <param name="plan">The job.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(CommandCall call, ToolHost host, JobPlan plan)
    {
        using var signals = host.ListenForStop();
        // The disk takes 2 ms, and the way to the broker as long.
        var recorded = Task.Run(() => plan.Store.CreateJob(plan.Work.Exclusive ? plan.Job : JobStart.Begun(plan.Job, host.Time)));
        JobEnd end;
        string? problem;
        try
        {
            await using var view = ProgressView.For(host.Streams, host.Variables, host.Time, call.Json);
            var audience = new RunAudience(view, call.Json, call.Verbose, GetsResult: true);
            (end, problem) = await JobRunner.RunAsync(host, plan.Store, plan.Job, recorded, plan.Work, audience, signals, plan.Remarks);
        }
        catch (StateStoreException refused) when (recorded.IsFaulted)
        {
            return Reporter.Fail(host.Streams, CommandError.State(refused), call.Json);
        }

        if (problem is not null && !call.Json)
            host.Streams.WriteErrorLine("note: " + problem);
        return Print(call, host, plan, end);
    }

    private static int Print(CommandCall call, ToolHost host, JobPlan plan, JobEnd end)
    {
        if (!call.Json && end.Error is not null)
        {
            Reporter.Tell(host.Streams, end.Error);
            return end.ExitCode;
        }

        var printed = (call.Json ? JsonText.Line(end.Result) : end.Rendered) + "\n";
        if (!call.Json)
            printed = LongResult.For(host, printed, end.ExitCode, (new FoundJob(plan.Store, plan.Job), printed));
        if (Reporter.TryPrint(host.Streams, printed))
            return end.ExitCode;

        // The work is done and kept; only its delivery failed.
        JobRecording.RecordUncollected(plan.Store, plan.Job.Id);
        return TellLost(host, plan.Store, plan.Job.Id, end.ExitCode);
    }

    /// <summary>Says where a result is that could not be printed.</summary>
    /// <returns>The exit code, of a job that ended with the given one.</returns>
    public static int TellLost(ToolHost host, IStateStore store, string jobId, int exitCode)
    {
        var lost = new CommandError(
            "output-closed", $"The result could not be printed; it is kept in {store.Paths.JobFile(jobId)}.", Hint: null, Retryable: false, ExitCodes.Failed);
        Reporter.Tell(host.Streams, lost);
        return exitCode == ExitCodes.Done ? lost.ExitCode : exitCode;
    }
}
