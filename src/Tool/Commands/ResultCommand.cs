using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Jobs;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Commands;

/// <summary><c>result</c>: the stored result of a finished job.</summary>
internal static class ResultCommand
{
    /// <summary>The command.</summary>
    public static CommandSpec Spec { get; } = new("result", "Print the result of a finished job: the newest, or the one named.")
    {
        WordName = "job",
        WordDescription = "A job's id, or its begin; of any workspace when the id is whole.",
        MostWords = 1,
        Run = RunAsync,
        Examples = ["codex-companion result", "codex-companion result task-mhz1k2j3-0a1b2c3 --json"],
    };

    private static async Task<int> RunAsync(CommandCall call, ToolHost host)
    {
        var opened = JobScope.Open(call, host);
        if (opened.Value is not { } scope)
            return Reporter.Fail(host.Streams, opened.Error!, call.Json);
        var id = call.Words.Count > 0 ? call.Words[0] : null;
        var found = await scope.FindAsync(id, job => job.IsFinished, "No finished Codex jobs found for this session.");
        if (found.Value is not { } one)
            return Reporter.Fail(host.Streams, found.Error!, call.Json);
        if (!one.Job.IsFinished)
            return Reporter.Fail(host.Streams, StillRunning(one, scope.Names), call.Json);

        one = one with { Job = await scope.Recovery.TryAsync(one.Store, one.Job) };
        var text = call.Json ? "" : StoredResult.Of(one.Job, scope.Names).ForPerson(one.Job);
        var printed = call.Json
            ? JsonText.Line(ResultShapes.Of(one, host.Time.GetUtcNow()), ToolJson.Default.ResultJson) + "\n"
            : LongResult.For(host, text, ExitCodes.Done, (one, text));
        if (!Reporter.TryPrint(host.Streams, printed))
            return ExitCodes.Failed;
        JobRecording.RecordCollected(one.Store, one.Job.Id, host.Time.GetUtcNow());
        return ExitCodes.Done;
    }

    private static CommandError StillRunning(FoundJob found, CommandNames names) => new(
        "still-running",
        $"Job {found.Job.Id} is still {JobView.Word(found.Job.Status)}.",
        $"{names.Of("status", found.Job.Id)} shows how far it is, {names.Of("wait", found.Job.Id)} waits for its result.",
        Retryable: true,
        ExitCodes.StillRunning);
}
