using CodexCompanion.StateStore.Disk;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Doctor;
using CodexCompanion.Tool.Doctor.Journal;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Commands;

/// <summary><c>doctor</c>: inspects, puts right what is provably safe, inspects again, reports.</summary>
internal static class DoctorCommand
{
    /// <summary>The command.</summary>
    public static CommandSpec Spec { get; } = new("doctor", "Find out what is wrong, and put right what is safe to.")
    {
        Options = DoctorOptions.Table,
        Run = RunAsync,
        Examples = ["codex-companion doctor", "codex-companion doctor --dry-run --all", "codex-companion doctor --force --check broker-process"],
    };

    private static async Task<int> RunAsync(CommandCall call, ToolHost host)
    {
        var (mode, contradiction) = DoctorOptions.ModeOf(call.Options);
        if (contradiction is not null)
            return Reporter.Fail(host.Streams, contradiction, call.Json);
        var chosen = DoctorOptions.Choose(call.Options.Values(DoctorOptions.Check));
        if (chosen.Value is not { } checks)
            return Reporter.Fail(host.Streams, chosen.Error!, call.Json);
        if (call.Options.Has(DoctorOptions.ListChecks))
            return List(call, host, checks);
        var directory = DirectoryOf(call, host);
        if (directory.Error is not null)
            return Reporter.Fail(host.Streams, directory.Error, call.Json);

        var site = new DoctorSite(host, mode, directory.Value is { Length: > 0 } named ? named : null, call.Options.Values(DoctorOptions.Check))
        {
            Everywhere = call.Options.Has(DoctorOptions.All),
        };
        if (call.Options.Has(DoctorOptions.Undo))
            return await UndoAsync(call, host, site);

        using var signals = host.ListenForStop();
        DoctorReport report;
        await using (var progress = new DoctorProgress(host, call.Json))
            report = await new DoctorRun(site, checks, progress.Watch).RunAsync(signals.Stop);
        Reporter.TryPrint(host.Streams, call.Json ? DoctorJson.LineOf(report) + "\n" : TextOf(call, host).Of(report));
        return signals.Signal is { } number ? ExitCodes.SignalBase + number : report.ExitCode;
    }

    // A deleted directory is no reason not to look at the rest; its name, if the shell still tells it, leads to its state.
    private static Attempt<string> DirectoryOf(CommandCall call, ToolHost host)
    {
        var directory = WorkingDirectory.Of(call, host);
        if (directory.Error is null || call.Options.Value(GlobalOptions.Cwd) is not null)
            return directory;
        return host.Variable("PWD") is { } told && Path.IsPathFullyQualified(told) ? told : "";
    }

    private static DoctorText TextOf(CommandCall call, ToolHost host) =>
        new(DoctorStyle.For(host.Streams, host.Variables), host.Variable("HOME"), call.Verbose);

    private static int List(CommandCall call, ToolHost host, IReadOnlyList<IDoctorCheck> checks)
    {
        var json = new DoctorListJson(
        [
            .. checks.Select(check => new DoctorListedCheckJson(
                check.Id, System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(check.Category.ToString()), check.About, check.StartsPrograms)),
        ]);
        Reporter.TryPrint(host.Streams, call.Json ? JsonText.Line(json, ToolJson.Default.DoctorListJson) + "\n" : TextOf(call, host).Of(checks));
        return ExitCodes.Done;
    }

    private static async Task<int> UndoAsync(CommandCall call, ToolHost host, DoctorSite site)
    {
        if (site.Root is null)
            return Reporter.Fail(host.Streams, CommandError.State(site.WhyNoRoot!), call.Json);
        switch (await JournalUndo.RunAsync(host, site.Root, NativeDisk.Instance))
        {
            case UndoEnd.TakenBack taken:
                var all = taken.Steps.All(step => step.WasUndone || !step.Step.CanBeUndone);
                var exitCode = all ? ExitCodes.Done : ExitCodes.Failed;
                var json = new DoctorUndoJson(
                    taken.Journal, all, [.. taken.Steps.Select(s => new DoctorUndoneStepJson(s.Step.Check, s.Step.Path, s.WasUndone, s.Sentence))], exitCode);
                Reporter.TryPrint(host.Streams, call.Json
                    ? JsonText.Line(json, ToolJson.Default.DoctorUndoJson) + "\n"
                    : string.Concat(taken.Steps.Select(s => $"{(s.WasUndone ? "ok" : "--")}  {Plain.OneLine(s.Sentence)}\n")));
                return exitCode;
            case UndoEnd.Busy busy:
                return Reporter.Fail(host.Streams, new CommandError("busy", busy.Sentence, Hint: null, Retryable: true, ExitCodes.Busy), call.Json);
            default:
                return Reporter.Fail(host.Streams, CommandError.NothingMatched("There is no repair to take back."), call.Json);
        }
    }
}
