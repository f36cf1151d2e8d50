using System.Text.Json;
using CodexCompanion.Tool.Selftest;

namespace CodexCompanion.Tool.Rendering;

/// <summary>What <c>selftest --json</c> prints.</summary>
/// <param name="Version">Version of the tool.</param>
/// <param name="System">Operating system, architecture and runtime.</param>
/// <param name="Rows">One for each row that was run or skipped, in the order of the catalogue.</param>
/// <param name="Summary">All of them together.</param>
/// <param name="Folder">Where everything was kept; null when it was removed.</param>
/// <param name="ExitCode">The exit code of the process.</param>
internal sealed record SelftestJson(
    string Version, string System, IReadOnlyList<SelftestRowJson> Rows, SelftestSummary Summary, string? Folder, int ExitCode)
{
    /// <summary>As an object on one line.</summary>
    public static string LineOf(string version, string system, SelftestEnd end) => JsonText.Line(
        new SelftestJson(version, system, [.. end.Rows.Select(SelftestRowJson.Of)], SelftestSummary.Of(end), end.Folder, end.ExitCode),
        ToolJson.Default.SelftestJson);
}

/// <summary>One row.</summary>
internal sealed record SelftestRowJson(
    string Name, string Description, string Status, int Tasks, int Passed, int FaultsFired, int SideEffects, long DurationMs, string? Detail,
    SelftestFailureJson? FirstFailure)
{
    /// <summary>From a result.</summary>
    public static SelftestRowJson Of(RowResult row) => new(
        row.Name,
        row.Description,
        JsonNamingPolicy.CamelCase.ConvertName(row.Status.ToString()),
        row.Tasks,
        row.Passed,
        row.FaultsFired,
        row.SideEffects,
        (long)row.Duration.TotalMilliseconds,
        row.Detail,
        row.FirstFailure is { } run ? new SelftestFailureJson(run.Call.Mark, run.Exit?.Code, run.ErrorOutput, run.LogFile) : null);
}

/// <summary>The first task of a row that failed.</summary>
/// <param name="Task">Its mark.</param>
/// <param name="ExitCode">Its exit code; null when it was ended by a signal.</param>
/// <param name="Stderr">Its stderr.</param>
/// <param name="LogFile">Where all it said can be read.</param>
internal sealed record SelftestFailureJson(string Task, int? ExitCode, string Stderr, string LogFile);

/// <summary>All rows together.</summary>
internal sealed record SelftestSummary(
    int Passed, int Failed, int Control, int Skipped, int Tasks, int FaultsFired, int SideEffects, long DurationMs)
{
    /// <summary>Sums up.</summary>
    public static SelftestSummary Of(SelftestEnd end)
    {
        var rows = end.Rows;
        return new SelftestSummary(
            Count(RowStatus.Passed),
            Count(RowStatus.Failed),
            Count(RowStatus.Control),
            Count(RowStatus.Skipped),
            rows.Sum(r => r.Tasks),
            rows.Sum(r => r.FaultsFired),
            rows.Sum(r => r.SideEffects),
            (long)end.Duration.TotalMilliseconds);

        int Count(RowStatus status) => rows.Count(r => r.Status == status);
    }
}
