using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Doctor;
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
            return await DoctorExtras.UndoAsync(call, host, site);

        if (call.Options.Has(DoctorOptions.ImportLegacy))
            return DoctorExtras.Import(call, host, site);

        using var signals = host.ListenForStop();
        DoctorReport report;
        await using (var progress = new DoctorProgress(host, call.Json))
            report = await new DoctorRun(site, checks, progress.Watch).RunAsync(signals.Stop) with { Signal = signals.Signal };
        if (call.Options.Value(DoctorOptions.Bundle) is { } file)
            return DoctorExtras.Bundle(call, host, report, file);
        Reporter.TryPrint(host.Streams, call.Json ? DoctorJson.LineOf(report) + "\n" : TextOf(call, host).Of(report));
        return report.ExitCode;
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
}
