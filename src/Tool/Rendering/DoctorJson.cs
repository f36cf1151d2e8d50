using System.Text.Json;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Doctor;
using CodexCompanion.Tool.Doctor.Legacy;

namespace CodexCompanion.Tool.Rendering;

/// <summary>What <c>doctor --json</c> prints; docs/doctor.schema.json describes it.</summary>
/// <param name="SchemaVersion">Raised when a reader of the old shape would misunderstand the new one.</param>
/// <param name="Tool">Which tool.</param>
/// <param name="Mode">dry-run, repair or force.</param>
/// <param name="Workspace">The workspace it was called in; null when there is none.</param>
/// <param name="Checks">One for each check; with <c>--all</c> one for each check and workspace.</param>
/// <param name="Summary">All of them together.</param>
/// <param name="Journal">File that says what was done, for <c>--undo</c>; null when nothing was.</param>
/// <param name="DurationMs">How long it took.</param>
/// <param name="ExitCode">The exit code of the process.</param>
internal sealed record DoctorJson(
    int SchemaVersion,
    VersionJson Tool,
    string Mode,
    DoctorWorkspaceJson? Workspace,
    IReadOnlyList<DoctorCheckJson> Checks,
    DoctorSummaryJson Summary,
    string? Journal,
    long DurationMs,
    int ExitCode)
{
    private const int CurrentSchema = 1;

    /// <summary>As an object on one line.</summary>
    public static string LineOf(DoctorReport report) => JsonText.Line(
        new DoctorJson(
            CurrentSchema,
            new VersionJson(CommandApplication.ToolName, ToolVersion.Text),
            report.Site.Mode.Word(),
            DoctorWorkspaceJson.Of(report.Site.Here),
            [.. report.Checks.Select(DoctorCheckJson.Of)],
            DoctorSummaryJson.Of(report),
            report.Journal,
            (long)report.Duration.TotalMilliseconds,
            report.ExitCode),
        ToolJson.Default.DoctorJson);
}

/// <summary>A workspace.</summary>
/// <param name="Root">Its root; null when only its state folder is known.</param>
/// <param name="StateDirectory">Its state folder.</param>
internal sealed record DoctorWorkspaceJson(string? Root, string StateDirectory)
{
    /// <summary>From a workspace.</summary>
    public static DoctorWorkspaceJson? Of(WorkspaceSite? workspace) => workspace is null
        ? null
        : new DoctorWorkspaceJson(Path.IsPathFullyQualified(workspace.Name) ? workspace.Name : null, workspace.Store.Paths.Directory);
}

/// <summary>One check.</summary>
internal sealed record DoctorCheckJson(
    string Id,
    string Category,
    string Status,
    string? Workspace,
    string Message,
    IReadOnlyList<string> Evidence,
    DoctorRepairJson? Repair,
    IReadOnlyList<DoctorFindingJson> Findings,
    long DurationMs)
{
    /// <summary>From a report.</summary>
    public static DoctorCheckJson Of(CheckReport check) => new(
        check.Check.Id,
        JsonNamingPolicy.CamelCase.ConvertName(check.Check.Category.ToString()),
        JsonNamingPolicy.CamelCase.ConvertName(check.Status.ToString()),
        check.Workspace?.Store.Paths.Directory,
        check.Message,
        [.. check.Evidence, .. check.Findings.SelectMany(f => (IEnumerable<string>)[f.Finding.Message, .. f.Finding.Evidence])],
        DoctorRepairJson.Of(check.Findings),
        [.. check.Findings.Select(DoctorFindingJson.Of)],
        (long)check.Duration.TotalMilliseconds);
}

/// <summary>What would put things right, and what was done.</summary>
/// <param name="Kind">safe, risky or manual; of several findings the one that asks most of the user.</param>
/// <param name="Planned">What it is.</param>
/// <param name="Done">What was done; null when nothing was.</param>
/// <param name="Commands">Command lines for what is left.</param>
internal sealed record DoctorRepairJson(string Kind, string Planned, string? Done, IReadOnlyList<string> Commands)
{
    /// <summary>Of all findings of a check; null when there are none.</summary>
    public static DoctorRepairJson? Of(IReadOnlyList<FindingReport> findings) => findings.Count == 0 ? null : new DoctorRepairJson(
        KindWord(findings.Max(f => f.Finding.Remedy.Kind)),
        string.Join("; ", findings.Select(f => f.Finding.Remedy.Planned).Distinct(StringComparer.Ordinal)),
        findings.Any(f => f.Done is not null) ? string.Join("; ", findings.Select(f => f.Done).OfType<string>().Distinct(StringComparer.Ordinal)) : null,
        [.. findings.Where(f => f.IsLeft).SelectMany(f => f.Finding.Remedy.Commands).Distinct(StringComparer.Ordinal)]);

    /// <summary>A kind as a word.</summary>
    public static string KindWord(RepairKind kind) => JsonNamingPolicy.CamelCase.ConvertName(kind.ToString());
}

/// <summary>One finding.</summary>
/// <param name="Code">Which of the things the check looks for.</param>
/// <param name="Subject">What it is about.</param>
/// <param name="Severity">warning or problem.</param>
/// <param name="Message">One phrase.</param>
/// <param name="Evidence">What was seen.</param>
/// <param name="Repair">What would put it right, and what was done.</param>
/// <param name="Failure">Why an attempt did not succeed; null otherwise.</param>
internal sealed record DoctorFindingJson(
    string Code, string Subject, string Severity, string Message, IReadOnlyList<string> Evidence, DoctorRepairJson Repair, string? Failure)
{
    /// <summary>From a report.</summary>
    public static DoctorFindingJson Of(FindingReport report) => new(
        report.Finding.Code,
        report.Finding.Subject,
        JsonNamingPolicy.CamelCase.ConvertName(report.Finding.Severity.ToString()),
        report.Finding.Message,
        report.Finding.Evidence,
        new DoctorRepairJson(
            DoctorRepairJson.KindWord(report.Finding.Remedy.Kind), report.Finding.Remedy.Planned, report.Done, report.IsLeft ? report.Finding.Remedy.Commands : []),
        report.Failure);
}

/// <summary>How many checks came out how.</summary>
internal sealed record DoctorSummaryJson(int Checks, int Ok, int Warnings, int Problems, int Repaired, int Failed, int Skipped, int Crashed, int Left)
{
    /// <summary>Of a run.</summary>
    public static DoctorSummaryJson Of(DoctorReport report) => new(
        report.Checks.Count,
        report.Count(CheckStatus.Ok),
        report.Count(CheckStatus.Warning),
        report.Count(CheckStatus.Problem),
        report.Count(CheckStatus.Repaired),
        report.Count(CheckStatus.Failed),
        report.Count(CheckStatus.Skipped),
        report.Count(CheckStatus.Crashed),
        report.Left);
}

/// <summary><c>doctor --list-checks --json</c>.</summary>
internal sealed record DoctorListJson(IReadOnlyList<DoctorListedCheckJson> Checks);

/// <summary>One check of the list.</summary>
internal sealed record DoctorListedCheckJson(string Id, string Category, string About, bool StartsPrograms);

/// <summary><c>doctor --undo --json</c>.</summary>
/// <param name="Journal">The journal that was taken back.</param>
/// <param name="Undone">Whether all of it was.</param>
/// <param name="Steps">Each step, the last one first.</param>
/// <param name="ExitCode">The exit code of the process.</param>
internal sealed record DoctorUndoJson(string Journal, bool Undone, IReadOnlyList<DoctorUndoneStepJson> Steps, int ExitCode);

/// <summary><c>doctor --bundle --json</c>.</summary>
internal sealed record DoctorBundleJson(string Bundle, IReadOnlyList<DoctorBundleEntryJson> Entries, int ExitCode);

/// <summary>One file of a bundle.</summary>
internal sealed record DoctorBundleEntryJson(string Name, string About, int Characters);

/// <summary><c>doctor --import-legacy --json</c>.</summary>
/// <param name="DryRun">Whether nothing was changed.</param>
/// <param name="Imported">Ids of the jobs that were copied; in a dry run, of those that would be.</param>
/// <param name="Known">How many were here already.</param>
/// <param name="Unfinished">How many may not have ended.</param>
/// <param name="Unreadable">How many could not be read.</param>
/// <param name="Workspaces">The same for each workspace.</param>
/// <param name="ExitCode">The exit code of the process.</param>
internal sealed record DoctorImportJson(
    bool DryRun, IReadOnlyList<string> Imported, int Known, int Unfinished, int Unreadable, IReadOnlyList<DoctorImportedJson> Workspaces, int ExitCode);

/// <summary>What was imported into one workspace.</summary>
internal sealed record DoctorImportedJson(string Workspace, IReadOnlyList<string> Imported, int Known, int Unfinished, int Unreadable)
{
    /// <summary>Of one.</summary>
    public static DoctorImportedJson Of(LegacyImported one) => new(one.Workspace, one.Imported, one.Known, one.Unfinished, one.Unreadable);
}

/// <summary>One step.</summary>
internal sealed record DoctorUndoneStepJson(string Check, string Path, bool Undone, string Message);
