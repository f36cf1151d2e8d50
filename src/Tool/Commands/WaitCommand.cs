using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Jobs;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Commands;

/// <summary><c>wait</c>: blocks until jobs have ended, prints their results, exits by their outcome.</summary>
internal static class WaitCommand
{
    private static readonly OptionSpec Any = new("any", OptionArity.Flag, "Stop waiting as soon as one of the jobs has ended.");
    private static readonly OptionSpec Limit = new("timeout", OptionArity.Value, "Wait no longer than this (90s, 15m); then exit 3.") { ValueName = "TIME" };

    // A command line holds no more ids than anybody waits for.
    private const int MostJobs = 1000;

    /// <summary>The command.</summary>
    public static CommandSpec Spec { get; } = new("wait", "Wait until jobs have ended, print their results, exit by their outcome.")
    {
        Options = [Any, Limit],
        WordName = "jobs",
        WordDescription = "Ids of jobs; without any, the newest active one, else the newest whose result nobody has seen.",
        MostWords = MostJobs,
        Run = RunAsync,
        Examples =
        [
            "codex-companion wait task-mhz1k2j3-0a1b2c3",
            "codex-companion wait --any --timeout 10m task-mhz1k2j3-0a1b2c3 task-mhz1k9q8-7d8e9f0",
        ],
    };

    private static async Task<int> RunAsync(CommandCall call, ToolHost host)
    {
        var opened = JobScope.Open(call, host);
        if (opened.Value is not { } scope)
            return Reporter.Fail(host.Streams, opened.Error!, call.Json);
        TimeSpan? limit = null;
        if (call.Options.Value(Limit) is { } text)
        {
            if (!Duration.TryParse(text, out var parsed))
                return Reporter.Fail(host.Streams, CommandError.Usage($"{Limit.Display} needs {Duration.Expected}, and got '{text}'."), call.Json);
            limit = parsed;
        }

        var jobs = new List<FoundJob>();
        foreach (var id in call.Words.Count == 0 ? [null] : call.Words.Distinct(StringComparer.Ordinal).Select(word => (string?)word))
        {
            var found = await scope.FindAsync(id, job => !job.IsFinished, "No active Codex jobs to wait for in this session.");

            // Whoever starts a job and waits for it must not lose to a job that is quick.
            if (found.Value is null && id is null)
                found = await scope.FindAsync(id, job => job.CollectedAt is null, found.Error!.Message);
            if (found.Value is null)
                return Reporter.Fail(host.Streams, found.Error!, call.Json);
            jobs.Add(found.Value);
        }

        var end = await scope.Waiter.WaitAsync(jobs, call.Options.Has(Any), limit, CancellationToken.None);
        return Print(call, scope, end);
    }

    private static int Print(CommandCall call, JobScope scope, WaitEnd end)
    {
        var host = scope.Host;
        var ended = end.Jobs.Where(found => found.Job.IsFinished).ToList();
        // The first that did not complete decides, in the order asked for.
        var exitCode = end.TimedOut
            ? ExitCodes.StillRunning
            : ended.Select(found => StoredResult.Of(found.Job, scope.Names).ExitCode).FirstOrDefault(code => code != ExitCodes.Done);
        var text = call.Json
            ? JsonText.Line(new WaitJson(end.TimedOut, [.. end.Jobs.Select(found => ResultShapes.Of(found, host.Time.GetUtcNow()))]), ToolJson.Default.WaitJson) + "\n"
            : Text(scope, end, ended, exitCode);
        var printed = text.Length == 0 || Reporter.TryPrint(host.Streams, text);
        foreach (var found in ended.Where(_ => printed))
            JobRecording.RecordCollected(found.Store, found.Job.Id, host.Time.GetUtcNow());
        if (end.TimedOut && !call.Json)
            TellLate(scope, end);
        return printed || end.TimedOut ? exitCode : ExitCodes.Failed;
    }

    private static string Text(JobScope scope, WaitEnd end, List<FoundJob> ended, int exitCode)
    {
        var results = ended.Select(found => (Found: found, Text: StoredResult.Of(found.Job, scope.Names).ForPerson(found.Job))).ToList();
        var text = string.Join("\n", results.Select(result => Heading(end, result.Found.Job) + result.Text));
        return LongResult.For(scope.Host, text, exitCode, results);
    }

    private static void TellLate(JobScope scope, WaitEnd end)
    {
        foreach (var found in end.Jobs.Where(found => !found.Job.IsFinished))
            scope.Host.Streams.WriteErrorLine($"Job {found.Job.Id} is still {JobView.Word(found.Job.Status)}.");
    }

    // With one job its result stands alone, as from the foreground run.
    private static string Heading(WaitEnd end, JobRecord job) => end.Jobs.Count == 1 ? "" : $"# {job.Id} ({JobView.Word(job.Status)})\n\n";
}
