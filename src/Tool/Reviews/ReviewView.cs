using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Reviews.Findings;
using CodexCompanion.Tool.Reviews.Ledger;

namespace CodexCompanion.Tool.Reviews;

/// <summary>What was reviewed, as far as it is shown and recorded.</summary>
internal sealed record TargetFacts
{
    /// <summary>working-tree, staged, unstaged, branch, commit or range.</summary>
    public required string Mode { get; init; }

    /// <summary>In a few words.</summary>
    public required string Label { get; init; }

    /// <summary>The base as it was named; null when none was needed.</summary>
    public required string? BaseRef { get; init; }

    /// <summary>Whether the command line said what to review.</summary>
    public required bool Explicit { get; init; }

    /// <summary>Commit on the left side; null before the first commit.</summary>
    public required string? BaseSha { get; init; }

    /// <summary>Commit on the right side, for uncommitted changes that below them; null before the first commit.</summary>
    public required string? HeadSha { get; init; }

    /// <summary>Exactly what was compared.</summary>
    public required string Compared { get; init; }

    /// <summary>Only these; empty for all.</summary>
    public required IReadOnlyList<string> Paths { get; init; }

    /// <summary>Changed files, by their present and former names.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>Whether what lies in the working tree is what is reviewed.</summary>
    public required bool IsTree { get; init; }

    /// <summary>Root of the repository.</summary>
    public required string Root { get; init; }

    /// <summary>Branch that HEAD was on; null when it was detached.</summary>
    public required string? Branch { get; init; }
}

/// <summary>A finished review, as all formats show it.</summary>
internal sealed record ReviewView
{
    /// <summary>The kind: review or adversarial-review.</summary>
    public required string Kind { get; init; }

    /// <summary>The job.</summary>
    public required string JobId { get; init; }

    /// <summary>What was reviewed.</summary>
    public required TargetFacts Target { get; init; }

    /// <summary>The report; null when the reviewer's text cannot be read as one.</summary>
    public required ReviewReport? Report { get; init; }

    /// <summary>Why there is no report; null when there is one.</summary>
    public required string? Reason { get; init; }

    /// <summary>The findings, each with what the workspace knows of it.</summary>
    public required IReadOnlyList<KnownFinding> Findings { get; init; }

    /// <summary>Findings of earlier reviews that are fixed by now.</summary>
    public required IReadOnlyList<FindingRecord> Fixed { get; init; }

    /// <summary>Open findings in the same files that this review does not report.</summary>
    public required IReadOnlyList<FindingRecord> Unreported { get; init; }

    /// <summary>Whether there was an earlier review to compare with.</summary>
    public required bool HasHistory { get; init; }

    /// <summary>The reviewer's answer, as it was.</summary>
    public required string Raw { get; init; }

    /// <summary>Summaries of its reasoning.</summary>
    public required IReadOnlyList<string> Reasoning { get; init; }

    /// <summary>What was left out of the prompt, a sentence each.</summary>
    public required IReadOnlyList<string> Remarks { get; init; }

    /// <summary>The worst finding that counts; null when there is none.</summary>
    public Severity? Worst => Findings.Where(f => f.Counts).Select(f => (Severity?)f.Finding.Severity).Max();

    /// <summary>What is new since the last review, in a sentence; null when there is nothing to compare.</summary>
    public string? Since
    {
        get
        {
            if (!HasHistory)
                return null;
            List<string> parts =
            [
                $"{Count(FindingNews.New)} new",
                $"{Count(FindingNews.Still)} still there",
                $"{Fixed.Count} fixed",
            ];
            if (Findings.Any(f => !f.Counts))
                parts.Add($"{Count(FindingNews.Accepted) + Count(FindingNews.Wrong)} accepted or wrong (not counted)");
            if (Unreported.Count > 0)
                parts.Add($"{Unreported.Count} open and not reported this time");
            return string.Join(", ", parts) + ".";
        }
    }

    private int Count(FindingNews news) => Findings.Count(f => f.News == news);
}
