using CodexCompanion.Tool.Selftest.Rows;

namespace CodexCompanion.Tool.Selftest;

/// <summary>From what was seen to how a row came out: pure.</summary>
internal static class RowJudge
{
    /// <summary>Judges a row that was run to its end.</summary>
    /// <param name="row">The row.</param>
    /// <param name="evidence">What was seen.</param>
    /// <param name="leftovers">What still ran when all should have been over, in words.</param>
    public static RowResult Judge(Row row, RowEvidence evidence, IReadOnlyList<string> leftovers)
    {
        var wrong = evidence.Runs.Select(run => (Run: run, Fault: evidence.Fault(run))).Where(r => r.Fault is not null).ToList();
        var unexpected = wrong.Where(r => !row.MustFail(r.Run.Call.Number)).ToList();
        var faults = row.CountFaults(evidence);
        var detail = Detail(row, evidence, [.. wrong.Select(r => r.Run)], unexpected, faults, leftovers);
        return new RowResult
        {
            Name = row.Name,
            Description = row.Description,
            Status = detail is not null ? RowStatus.Failed : row.IsControl ? RowStatus.Control : RowStatus.Passed,
            Tasks = evidence.Runs.Count,
            Passed = evidence.Runs.Count - wrong.Count,
            FaultsFired = faults,
            SideEffects = evidence.Runs.Sum(run => evidence.SideEffectsOf(run.Call)),
            Detail = detail,
            FirstFailure = unexpected.Count > 0 ? unexpected[0].Run : null,
        };
    }

    private static string? Detail(
        Row row, RowEvidence evidence, List<TaskRun> failed, List<(TaskRun Run, string? Fault)> unexpected, int faults, IReadOnlyList<string> leftovers)
    {
        if (unexpected is [var (run, fault), ..])
            return $"{run.Call.Mark} {fault}.";
        if (evidence.Runs.Count < row.Tasks)
            return $"Only {evidence.Runs.Count} of {row.Tasks} tasks were run.";
        if (faults < row.LeastFaults)
            return $"The fault fired {faults} times and had to fire {row.LeastFaults} times: nothing was shown.";
        if (row.IsControl && evidence.Runs.FirstOrDefault(r => row.MustFail(r.Call.Number) && !IsLost(r, failed)) is { } survived)
            return $"{survived.Call.Mark} met the fault without recovery and was not lost: the fault does not bite.";
        if (evidence.Runs.FirstOrDefault(r => evidence.SideEffectsOf(r.Call) > 1) is { } twice)
            return $"{twice.Call.Mark} had its side effect {evidence.SideEffectsOf(twice.Call)} times.";
        if (row.Objection(evidence) is { } objection)
            return objection;
        return leftovers.Count == 0 ? null : $"Something was left running: {string.Join(", ", leftovers)}.";
    }

    private static bool IsLost(TaskRun run, List<TaskRun> failed) => failed.Contains(run) && run.Exit?.Code == ExitCodes.Lost;
}
