using System.Globalization;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Jobs;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Commands;

/// <summary><c>events</c>: what a job did, an object a line, with a cursor to go on from.</summary>
internal static class EventsCommand
{
    private static readonly OptionSpec Follow = new("follow", OptionArity.Flag, "Go on until the job has ended.") { Short = 'f' };
    private static readonly OptionSpec Since = new("since", OptionArity.Value, "Begin after this cursor.") { ValueName = "N" };

    /// <summary>The command.</summary>
    public static CommandSpec Spec { get; } = new("events", "Print what a job did as JSON, an object a line.")
    {
        Options = [Follow, Since],
        WordName = "job",
        WordDescription = "A job's id, or its begin; without it the newest job of this session.",
        MostWords = 1,
        Run = RunAsync,
        Examples =
        [
            "codex-companion events task-mhz1k2j3-0a1b2c3 --json",
            "codex-companion events task-mhz1k2j3-0a1b2c3 --json --follow --since 4096",
        ],
    };

    private static async Task<int> RunAsync(CommandCall call, ToolHost host)
    {
        var opened = JobScope.Open(call, host);
        if (opened.Value is not { } scope)
            return Reporter.Fail(host.Streams, opened.Error!, call.Json);
        var cursor = 0L;
        if (call.Options.Value(Since) is { } text && !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out cursor))
            return Reporter.Fail(host.Streams, CommandError.Usage($"{Since.Display} needs a cursor from an earlier line, and got '{text}'."), call.Json);
        var found = await scope.FindAsync(call.Words.Count > 0 ? call.Words[0] : null, _ => true, "No jobs recorded yet for this session.");
        if (found.Value is not { } one)
            return Reporter.Fail(host.Streams, found.Error!, call.Json);

        await foreach (var (entry, ended) in new JobEvents(scope, one).ReadAsync(cursor, call.Options.Has(Follow)))
        {
            cursor = entry?.Cursor ?? cursor;
            var line = entry is not null ? JobEvents.Shape(one.Job.Id, entry) : JobEvents.Shape(ended!, cursor);
            if (!Reporter.TryPrint(host.Streams, JsonText.Line(line, ToolJson.Default.EventJson) + "\n"))
                return ExitCodes.Done; // Whoever read it has gone; the job goes on.
        }

        return ExitCodes.Done;
    }
}
