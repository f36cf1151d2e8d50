using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Jobs;

/// <summary>
/// A job of any kind that runs in a worker from the start and is only followed from here, so that it outlives a host that allows a command
/// no more than so much time. If it ends in time, everything is as in a foreground run; if not, it goes on and the job's id is printed.
/// </summary>
internal static class HandedOverJob
{
    // Quick enough to read along.
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);

    /// <summary>Runs it.</summary>
    /// <param name="call">The command.</param>
    /// <param name="host">What comes from outside.</param>
    /// <param name="plan">The job.</param>
    /// <param name="after">How long it is followed.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(CommandCall call, ToolHost host, JobPlan plan, TimeSpan after)
    {
        var begun = host.Time.GetTimestamp();
        using var signals = host.ListenForStop();
        if (await new JobLauncher(host).LaunchAsync(plan) is JobLaunch.Failed failed)
            return Reporter.Fail(host.Streams, failed.Error, call.Json);

        var names = new CommandNames(host.SessionId);
        var found = await FollowAsync(call, host, plan, () => after - host.Time.GetElapsedTime(begun), signals.Stop);
        if (found is null)
            return await CancelAsync(call, host, plan, names, signals.Signal ?? 0);
        if (found.Job.IsFinished)
            return Print(call, host, found, names, StoredResult.Of(found.Job, names).ExitCode);
        var status = JobView.Word(found.Job.Status);
        host.Streams.WriteAnywhere(BackgroundJob.LaunchText(found.Job, status, [], host, call.Json));
        return ExitCodes.StillRunning;
    }

    // A signal ends the job, as it ends a foreground run.
    private static async Task<int> CancelAsync(CommandCall call, ToolHost host, JobPlan plan, CommandNames names, int signal) =>
        await new JobCanceller(host, plan.Limits).CancelAsync(plan.Store, plan.Job) switch
        {
            JobCancel.Cancelled cancelled => Print(call, host, new FoundJob(plan.Store, cancelled.Job), names, ExitCodes.SignalBase + signal),
            JobCancel.AlreadyEnded ended => Print(call, host, new FoundJob(plan.Store, ended.Job), names, StoredResult.Of(ended.Job, names).ExitCode),
            JobCancel.Failed refused => Reporter.Fail(host.Streams, refused.Error, call.Json),
            _ => throw new InvalidOperationException("A cancel is closed."),
        };

    // Null: a signal came.
    private static async Task<FoundJob?> FollowAsync(CommandCall call, ToolHost host, JobPlan plan, Func<TimeSpan> left, CancellationToken stop)
    {
        var waiter = new JobWaiter(host, new JobReconciler(host, plan.Limits), new JobRecovery(host));
        var reader = new JobLogReader(plan.Store.Paths.JobLog(plan.Job.Id), cursor: 0);
        var found = new FoundJob(plan.Store, plan.Job);
        var launched = false;
        await using var view = ProgressView.For(host.Streams, host.Variables, host.Time, call.Json);
        while (true)
        {
            var pause = left() < LookAgain ? left() : LookAgain;
            found = (await waiter.WaitAsync([found], any: false, pause > TimeSpan.Zero ? pause : TimeSpan.Zero, CancellationToken.None)).Jobs[0];
            foreach (var entry in reader.ReadNew())
                Show(entry, found.Job.Phase, view, call.Verbose);
            if (!launched && found.Job.ThreadId is { } thread)
            {
                launched = true;
                if (call.Json)
                    host.Streams.WriteErrorLine(JsonText.Line(new LaunchJson(found.Job.Id, thread), ToolJson.Default.LaunchJson));
                else
                    view.Note($"Job {found.Job.Id}, Codex thread {thread}.");
            }

            if (stop.IsCancellationRequested)
                return null;
            if (found.Job.IsFinished || left() <= TimeSpan.Zero)
                return found;
        }
    }

    private static void Show(LogEntry entry, string? phase, ProgressView view, bool verbose)
    {
        if (entry.IsNote || (entry.IsTrail && verbose))
            view.Note(entry.Text);
        else if (entry.IsProgress)
            view.Line(phase, entry.Text);
    }

    private static int Print(CommandCall call, ToolHost host, FoundJob found, CommandNames names, int exitCode)
    {
        var result = StoredResult.Of(found.Job, names);
        if (!call.Json && result.Error is not null)
        {
            Reporter.Tell(host.Streams, result.Error);
            return exitCode;
        }

        var printed = (call.Json ? JsonText.Line(result.ForProgram(found.Job)) : result.Text) + "\n";
        if (!Reporter.TryPrint(host.Streams, call.Json ? printed : LongResult.For(host, printed, exitCode, (found, printed))))
            return ForegroundJob.TellLost(host, found.Store, found.Job.Id, exitCode);
        JobRecording.RecordCollected(found.Store, found.Job.Id, host.Time.GetUtcNow());
        return exitCode;
    }
}
