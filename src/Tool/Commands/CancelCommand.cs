using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Jobs;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Commands;

/// <summary><c>cancel</c>: stops a job with everything it started, and says what was proved.</summary>
internal static class CancelCommand
{
    // Of the time a cancel may take in all: a broker that is alive tells what it runs in milliseconds.
    private const double ShareOfTheSearch = 0.2;

    /// <summary>The command.</summary>
    public static CommandSpec Spec { get; } = new("cancel", "Stop a job with everything it started, and say what was proved.")
    {
        WordName = "job",
        WordDescription = "A job's id, of any session and workspace; without it the one active job of this session.",
        MostWords = 1,
        Run = RunAsync,
        Examples = ["codex-companion cancel", "codex-companion cancel task-mhz1k2j3-0a1b2c3 --json"],
    };

    private static async Task<int> RunAsync(CommandCall call, ToolHost host)
    {
        var opened = JobScope.Open(call, host);
        if (opened.Value is not { } scope)
            return Reporter.Fail(host.Streams, opened.Error!, call.Json);
        var begun = host.Time.GetTimestamp();
        var found = await FindAsync(scope, call.Words.Count > 0 ? call.Words[0] : null);
        if (found.Value is not { } one)
            return Reporter.Fail(host.Streams, found.Error!, call.Json);
        return await scope.Canceller.CancelAsync(one.Store, one.Job, begun) switch
        {
            JobCancel.Cancelled cancelled => Print(call, scope, cancelled),
            JobCancel.AlreadyEnded ended => Reporter.Fail(host.Streams, TooLate(ended, scope.Names), call.Json),
            JobCancel.Failed failed => Reporter.Fail(host.Streams, failed.Error, call.Json),
            _ => throw new InvalidOperationException("A cancel is closed."),
        };
    }

    private static async Task<Attempt<FoundJob>> FindAsync(JobScope scope, string? id)
    {
        if (id is not null)
            return scope.Finder.Find(scope.Store, id);
        var active = (await NewestAsync(scope)).Where(job => !job.IsFinished && scope.MayBeMeant(job)).ToList();
        return active switch
        {
            [] => CommandError.NothingMatched("No active Codex jobs to cancel for this session."),
            [var only] => new FoundJob(scope.Store, scope.Store.ReadJob(only.Id).Value ?? only),
            _ => CommandError.NothingMatched(
                $"Several jobs are active ({string.Join(", ", active.Select(job => job.Id))}): name the one to cancel."),
        };
    }

    // Without the lost ones among them, if a broker that must be asked for those tells in time.
    private static async Task<IReadOnlyList<JobRecord>> NewestAsync(JobScope scope)
    {
        var marked = scope.Reconciler.NewestAsync(scope.Store, sessionId: null);
        using var enough = new CancellationTokenSource();
        await Task.WhenAny(marked, Task.Delay(scope.Settings.Limits.Cancel * ShareOfTheSearch, scope.Host.Time, enough.Token));
        await enough.CancelAsync();
        if (marked.IsCompleted)
            return await marked;
        return scope.Store.ListNewestJobs(sessionId: null);
    }

    private static int Print(CommandCall call, JobScope scope, JobCancel.Cancelled cancelled)
    {
        var (job, proof) = cancelled;
        var shown = new CancelJson(
            job.Id, "cancelled", job.Title, proof.InterruptSent, proof.InterruptSent && proof.TurnEnded, StopJson.Of(proof));
        Reporter.TryPrint(scope.Host.Streams, call.Json ? JsonText.Line(shown, ToolJson.Default.CancelJson) + "\n" : Text(cancelled, scope.Names));

        // It is cancelled; whether nothing of it runs any more is what a script wants to know.
        return proof is { TurnEnded: true, ProcessesLeft: [] } ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static string Text(JobCancel.Cancelled cancelled, CommandNames names)
    {
        var (job, proof) = cancelled;
        var title = job.Title is null ? "" : $"- Title: {Plain.OneLine(job.Title)}\n";
        var summary = job.Summary is null ? "" : $"- Summary: {Plain.OneLine(job.Summary)}\n";
        var left = string.Concat(proof.ProcessesLeft.Select(process => $"- Still running: {Plain.OneLine(process)}\n"));
        return $"# Codex Cancel\n\nCancelled {job.Id}.\n\n{title}{summary}- {Plain.OneLine(proof.Detail)}\n{left}- Check `{names.Of("status")}` for the updated queue.\n";
    }

    private static CommandError TooLate(JobCancel.AlreadyEnded ended, CommandNames names) => new(
        "already-ended",
        $"Job {ended.Job.Id} has ended already: it is {JobView.Word(ended.Job.Status)}.",
        $"{names.Of("result", ended.Job.Id)} prints its result.",
        Retryable: false,
        ExitCodes.Failed);
}
