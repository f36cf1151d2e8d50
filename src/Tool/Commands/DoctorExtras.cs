using System.Globalization;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Doctor;
using CodexCompanion.Tool.Doctor.Bundle;
using CodexCompanion.Tool.Doctor.Journal;
using CodexCompanion.Tool.Doctor.Legacy;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Commands;

/// <summary>What <c>doctor</c> does besides examining: take back, pack for a bug report, import.</summary>
internal static class DoctorExtras
{
    /// <summary><c>--undo</c>: takes back the last run that repaired something.</summary>
    public static async Task<int> UndoAsync(CommandCall call, ToolHost host, DoctorSite site)
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
            case UndoEnd.Unusable unusable:
                return Reporter.Fail(host.Streams, CommandError.State(unusable.Sentence), call.Json);
            default:
                return Reporter.Fail(host.Streams, CommandError.NothingMatched("There is no repair to take back."), call.Json);
        }
    }

    /// <summary><c>--bundle</c>: prints what will be inside, then writes it.</summary>
    public static int Bundle(CommandCall call, ToolHost host, DoctorReport report, string file)
    {
        if (string.IsNullOrWhiteSpace(file))
            return Reporter.Fail(host.Streams, CommandError.Usage("--bundle needs the name of a file."), call.Json);
        var path = Path.GetFullPath(file, report.Site.Here?.Workspace.Root ?? Path.GetTempPath());
        if (Directory.Exists(host.CurrentDirectory))
            path = Path.GetFullPath(file, host.CurrentDirectory);
        var entries = new BundleEntries(report).All();
        if (!call.Json)
        {
            Reporter.TryPrint(host.Streams, $"{path} will hold:\n" + string.Concat(entries.Select(entry =>
                string.Create(CultureInfo.InvariantCulture, $"  {entry.Name,-34} {entry.Text.Length,8} characters  {entry.About}\n"))));
        }

        try
        {
            BundleFile.Write(path, entries, host.Time.GetUtcNow());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            // A name that will not do, or a disk that will not take it.
            var isNamed = Path.Exists(path) || !Directory.Exists(Path.GetDirectoryName(path)) || e is UnauthorizedAccessException or NotSupportedException;
            var error = CommandError.Usage($"The bundle cannot be written: {e.Message}");
            return Reporter.Fail(host.Streams, isNamed ? error : error with { Code = "bundle", ExitCode = ExitCodes.Failed }, call.Json);
        }

        var json = new DoctorBundleJson(path, [.. entries.Select(entry => new DoctorBundleEntryJson(entry.Name, entry.About, entry.Text.Length))], ExitCodes.Done);
        Reporter.TryPrint(host.Streams, call.Json
            ? JsonText.Line(json, ToolJson.Default.DoctorBundleJson) + "\n"
            : $"Written, readable by you alone. Prompts, results, tokens and e-mail addresses were left out; look through it before you give it away.\n");
        return ExitCodes.Done;
    }

    /// <summary><c>--import-legacy</c>: copies the Node runtime's jobs of this workspace, or of all.</summary>
    public static int Import(CommandCall call, ToolHost host, DoctorSite site)
    {
        if (site.Root is null || (site.Here is null && !site.Everywhere))
            return Reporter.Fail(host.Streams, CommandError.State(site.WhyNoRoot ?? "The current directory is gone."), call.Json);
        try
        {
            var all = LegacyImport.Targets(site).Select(at => LegacyImport.Run(site, at)).ToList();
            var dryRun = site.Mode == DoctorMode.DryRun;
            var json = new DoctorImportJson(
                dryRun, [.. all.SelectMany(one => one.Imported)], all.Sum(one => one.Known), all.Sum(one => one.Unfinished), all.Sum(one => one.Unreadable), [.. all.Select(DoctorImportedJson.Of)], ExitCodes.Done);
            Reporter.TryPrint(host.Streams, call.Json ? JsonText.Line(json, ToolJson.Default.DoctorImportJson) + "\n" : Text(json, site.Everywhere));
            return ExitCodes.Done;
        }
        catch (StateStoreException refused)
        {
            return Reporter.Fail(host.Streams, CommandError.State(refused), call.Json);
        }
    }

    private static string Text(DoctorImportJson import, bool everywhere)
    {
        var verb = import.DryRun ? "would be imported" : "imported";
        var counts = $"{Words.Count(import.Imported.Count, "job")} {verb}, {import.Known} known already, {import.Unfinished} unfinished, {import.Unreadable} unreadable.";
        var each = everywhere || import.DryRun
            ? string.Concat(import.Workspaces.Where(one => one.Imported.Count > 0).Select(one => $"  {Plain.OneLine(one.Workspace)}: {string.Join(", ", one.Imported)}\n"))
            : "";
        return $"{counts} {(import.DryRun ? "Nothing was changed." : "The Node runtime's own files were left as they are.")}\n{each}";
    }
}
