using System.Globalization;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Jobs;
using CodexCompanion.Tool.Rendering;
using CodexCompanion.Tool.Watching;

namespace CodexCompanion.Tool.Commands;

/// <summary><c>status</c>: active and recent jobs, or one of them.</summary>
internal static class StatusCommand
{
    // What the Node runtime waits without being told: as long as the host lets a slash command run.
    private const double UsualTimeoutMs = 240_000;

    private static readonly OptionSpec All = new("all", OptionArity.Flag, "Show the jobs of all sessions, and all of them.");
    private static readonly OptionSpec Wait = new("wait", OptionArity.Flag, "Wait until the job has ended, or the time is up (exit code 0 either way).");

    private static readonly OptionSpec Watch = new("watch", OptionArity.Flag, "Show the active jobs as they go on; without a terminal a line for each change.");

    private static readonly OptionSpec TimeoutMs =
        new("timeout-ms", OptionArity.Value, "How long to wait, in milliseconds (240000).") { ValueName = "N" };

    /// <summary>The command.</summary>
    public static CommandSpec Spec { get; } = new("status", "Show active and recent jobs of this workspace, or one job.")
    {
        Options = [All, Wait, TimeoutMs, Watch],
        WordName = "job",
        WordDescription = "A job's id, or its begin; of any workspace when the id is whole.",
        MostWords = 1,
        Run = RunAsync,
        Examples = ["codex-companion status", "codex-companion status --watch", "codex-companion status task-mhz1k2j3-0a1b2c3 --wait"],
    };

    private static async Task<int> RunAsync(CommandCall call, ToolHost host)
    {
        var opened = JobScope.Open(call, host);
        if (opened.Value is not { } scope)
            return Reporter.Fail(host.Streams, opened.Error!, call.Json);
        var id = call.Words.Count > 0 ? call.Words[0] : null;
        var timeout = Timeout(call);
        if (timeout.Error is not null)
            return Reporter.Fail(host.Streams, timeout.Error, call.Json);
        if (call.Options.Has(Watch))
            return await WatchAsync(call, scope, id);
        if (id is null && !call.Options.Has(Wait))
        {
            var report = await StatusReport.GatherAsync(scope, call.Options.Has(All));
            Reporter.TryPrint(
                host.Streams, call.Json ? JsonText.Line(report.ForProgram(), ToolJson.Default.StatusJson) + "\n" : StatusText.Of(report));
            return ExitCodes.Done;
        }

        var found = await scope.FindAsync(id, job => !job.IsFinished, "No active Codex jobs to wait for in this session.");
        if (found.Value is not { } one)
            return Reporter.Fail(host.Streams, found.Error!, call.Json);
        return call.Options.Has(Wait)
            ? await WaitAsync(call, scope, one, timeout.Value!.Milliseconds)
            : Show(call, scope, one);
    }

    private static async Task<int> WatchAsync(CommandCall call, JobScope scope, string? id)
    {
        if (call.Options.Has(Wait))
            return Reporter.Fail(scope.Host.Streams, CommandError.Usage($"{Watch.Display} and {Wait.Display} do not go together."), call.Json);
        var found = id is null ? null : await scope.FindAsync(id, _ => true, "");
        if (found is { Value: null, Error: { } error })
            return Reporter.Fail(scope.Host.Streams, error, call.Json);
        using var signals = scope.Host.ListenForStop();
        var jobs = new WatchedJobs(scope, found?.Value, call.Options.Has(All));
        var streams = scope.Host.Streams;
        if (!call.Json && streams.OutputIsTerminal() && streams.InputIsTerminal() && scope.Host.Variable("TERM") is not (null or "dumb"))
            await new WatchScreen(scope, jobs).RunAsync(signals.Stop);
        else
            await new WatchLines(scope, jobs, call.Json).RunAsync(signals.Stop);
        return signals.Signal is { } signal ? ExitCodes.SignalBase + signal : ExitCodes.Done;
    }

    private static int Show(CommandCall call, JobScope scope, FoundJob found)
    {
        var view = JobView.Of(found.Store, found.Job, scope.Host.Time.GetUtcNow());
        var shown = new JobStatusJson(found.Store.Workspace.Root, JobJson.Of(view));
        Reporter.TryPrint(scope.Host.Streams, call.Json ? JsonText.Line(shown, ToolJson.Default.JobStatusJson) + "\n" : StatusText.Of(view));
        return ExitCodes.Done;
    }

    private static async Task<int> WaitAsync(CommandCall call, JobScope scope, FoundJob found, double timeoutMs)
    {
        // Whoever only looks does not recover; "result" and "wait" do.
        var end = await scope.Watcher.WaitAsync([found], any: false, TimeSpan.FromMilliseconds(timeoutMs), CancellationToken.None);
        var job = end.Jobs[0];
        var view = JobView.Of(job.Store, job.Job, scope.Host.Time.GetUtcNow());
        var shown = new WaitedStatusJson(job.Store.Workspace.Root, JobJson.Of(view), end.TimedOut, timeoutMs);
        var late = end.TimedOut ? $"\nStill running after {timeoutMs.ToString("0.#", CultureInfo.InvariantCulture)} ms.\n" : "";
        Reporter.TryPrint(
            scope.Host.Streams, call.Json ? JsonText.Line(shown, ToolJson.Default.WaitedStatusJson) + "\n" : StatusText.Of(view) + late);
        return ExitCodes.Done;
    }

    private static Attempt<Waiting> Timeout(CommandCall call)
    {
        if (call.Options.Value(TimeoutMs) is not { } text)
            return new Waiting(UsualTimeoutMs);
        // Thirty days, as for every other time: timers take no more than 49. Infinity and its kin are numbers to .NET, whatever style it is told.
        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var milliseconds)
            && milliseconds is >= 0 and <= 30.0 * 24 * 3600 * 1000
            ? new Waiting(milliseconds)
            : CommandError.Usage($"{TimeoutMs.Display} needs a number of milliseconds, up to thirty days, and got '{text}'.");
    }

    private sealed record Waiting(double Milliseconds);
}
