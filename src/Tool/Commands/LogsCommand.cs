using System.Globalization;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Jobs;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Commands;

/// <summary><c>logs</c>: a job's log, and what is added to it.</summary>
internal static class LogsCommand
{
    private static readonly OptionSpec Follow = new("follow", OptionArity.Flag, "Go on until the job has ended.") { Short = 'f' };
    private static readonly OptionSpec Lines = new("lines", OptionArity.Value, "Begin with the last N entries.") { Short = 'n', ValueName = "N" };

    /// <summary>The command.</summary>
    public static CommandSpec Spec { get; } = new("logs", "Print a job's log; -f goes on until the job has ended.")
    {
        Options = [Follow, Lines],
        WordName = "job",
        WordDescription = "A job's id, or its begin; without it the newest job of this session.",
        MostWords = 1,
        Run = RunAsync,
        Examples = ["codex-companion logs task-mhz1k2j3-0a1b2c3", "codex-companion logs -f -n 20"],
    };

    private static async Task<int> RunAsync(CommandCall call, ToolHost host)
    {
        var opened = JobScope.Open(call, host);
        if (opened.Value is not { } scope)
            return Reporter.Fail(host.Streams, opened.Error!, call.Json);
        int? lines = null;
        if (call.Options.Value(Lines) is { } text)
        {
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                return Reporter.Fail(host.Streams, CommandError.Usage($"{Lines.Display} needs a number, and got '{text}'."), call.Json);
            lines = number;
        }

        var found = await scope.FindAsync(call.Words.Count > 0 ? call.Words[0] : null, _ => true, "No jobs recorded yet for this session.");
        if (found.Value is not { } one)
            return Reporter.Fail(host.Streams, found.Error!, call.Json);
        var begin = lines is { } count ? JobLogTail.BeginOfLast(one.Store.Paths.JobLog(one.Job.Id), count) : 0;
        return call.Json ? await PrintJsonAsync(call, scope, one, begin) : await PrintAsync(call, scope, one, begin);
    }

    private static async Task<int> PrintAsync(CommandCall call, JobScope scope, FoundJob found, long begin)
    {
        // On a terminal, what a model or a command wrote must not steer it; into a file or a pipe it goes as it is.
        Func<string, string> safe = scope.Host.Streams.OutputIsTerminal() ? Plain.OneLine : text => text;
        await foreach (var (entry, _) in new JobEvents(scope, found).ReadAsync(begin, call.Options.Has(Follow)))
        {
            if (entry is null)
                continue;
            var body = entry.Body is null ? "" : string.Concat(entry.Body.Split('\n').Select(line => $"    {safe(line)}\n"));
            var time = entry.Time is null ? "" : $"[{entry.Time}] ";
            if (!Reporter.TryPrint(scope.Host.Streams, $"{time}{safe(entry.Text)}\n{body}"))
                break; // Whoever read it has gone; the job goes on.
        }

        return ExitCodes.Done;
    }

    // One object; with -f a line for each entry, as "events" writes them.
    private static async Task<int> PrintJsonAsync(CommandCall call, JobScope scope, FoundJob found, long begin)
    {
        var entries = new List<EventJson>();
        var cursor = begin;
        await foreach (var (entry, ended) in new JobEvents(scope, found).ReadAsync(begin, call.Options.Has(Follow)))
        {
            cursor = entry?.Cursor ?? cursor;
            var line = entry is not null ? JobEvents.Shape(found.Job.Id, entry) : JobEvents.Shape(ended!, cursor);
            if (!call.Options.Has(Follow))
                entries.Add(line);
            else if (!Reporter.TryPrint(scope.Host.Streams, JsonText.Line(line, ToolJson.Default.EventJson) + "\n"))
                return ExitCodes.Done;
        }

        if (!call.Options.Has(Follow))
        {
            var shown = new LogJson(found.Job.Id, found.Job.LogFile, cursor, entries);
            Reporter.TryPrint(scope.Host.Streams, JsonText.Line(shown, ToolJson.Default.LogJson) + "\n");
        }

        return ExitCodes.Done;
    }
}
