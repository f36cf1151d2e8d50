using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Reviews.Findings;

namespace CodexCompanion.Tool.Reviews.Ledger;

/// <summary>What a finding of a review is to the workspace.</summary>
internal enum FindingNews
{
    /// <summary>Never reported before, or reported again after it was fixed.</summary>
    New,

    /// <summary>Reported before and still there.</summary>
    Still,

    /// <summary>Somebody decided to live with it.</summary>
    Accepted,

    /// <summary>Somebody decided that it is none.</summary>
    Wrong,
}

/// <summary>A finding with what the workspace knows of it.</summary>
/// <param name="Finding">As the reviewer reported it now.</param>
/// <param name="Id">Its fingerprint in the ledger.</param>
/// <param name="News">What it is to the workspace.</param>
internal sealed record KnownFinding(Finding Finding, string Id, FindingNews News)
{
    /// <summary>Whether it counts: nobody decided about it.</summary>
    public bool Counts => News is FindingNews.New or FindingNews.Still;
}

/// <summary>What a review changed in the ledger.</summary>
/// <param name="Ledger">The new ledger.</param>
/// <param name="Findings">The review's findings, each with what is known of it.</param>
/// <param name="Fixed">Findings of earlier reviews that are fixed by now.</param>
/// <param name="Unreported">Open findings in the files of this review that it does not report, though their code is unchanged.</param>
internal sealed record LedgerUpdate(
    FindingsLedger Ledger, IReadOnlyList<KnownFinding> Findings, IReadOnlyList<FindingRecord> Fixed, IReadOnlyList<FindingRecord> Unreported)
{
    // Decided ones are kept as long as anybody may come back to them; the ledger of a large project stays a few megabytes.
    private const int MostRecords = 2000;

    // A reviewer writes a sentence and a paragraph or two. The job keeps all of it; so many of the longest stay below what the store reads.
    private const int LongestTitle = 300;
    private const int LongestBody = 3000;
    private const int LongestRecommendation = 1500;

    /// <summary>Works a review into the ledger.</summary>
    /// <param name="ledger">As it stands.</param>
    /// <param name="report">The review.</param>
    /// <param name="review">Which review it was.</param>
    public static LedgerUpdate Make(FindingsLedger ledger, ReviewReport report, ReviewedFiles review)
    {
        var records = ledger.Findings.ToList();
        var taken = new HashSet<int>();
        var known = new List<KnownFinding>();
        foreach (var finding in report.Findings)
        {
            var code = review.Lines(finding.File)?.HashOf(finding.LineStart, finding.LineEnd);
            var at = Match(records, taken, finding, code?.Hash, review);
            var record = at < 0 ? First(finding, code?.Hash, records, review) : records[at];
            var news = record.State switch
            {
                FindingState.Accepted => FindingNews.Accepted,
                FindingState.Wrong => FindingNews.Wrong,
                FindingState.Open when at >= 0 => FindingNews.Still,
                _ => FindingNews.New,
            };
            record = Seen(record, finding, code, review);
            if (at < 0)
            {
                taken.Add(records.Count);
                records.Add(record);
            }
            else
            {
                taken.Add(at);
                records[at] = record;
            }

            known.Add(new KnownFinding(finding, record.Id, news));
        }

        var (isFixed, unreported) = Rest(records, taken, review);
        return new LedgerUpdate(ledger with { Findings = Pruned(records) }, known, isFixed, unreported);
    }

    // The same fingerprint; else the same code under an alike title; else the same title in the same file: then the code was changed around it. At
    // last the same code and an alike title in a file that is gone: it has another name now.
    private static int Match(List<FindingRecord> records, HashSet<int> taken, Finding finding, string? codeHash, ReviewedFiles review)
    {
        var id = Fingerprint.Of(finding.Title, finding.File, codeHash);
        var all = Enumerable.Range(0, records.Count).Where(at => !taken.Contains(at)).ToList();
        var free = all.Where(at => records[at].File == finding.File).ToList();
        return First(free.Where(at => records[at].Id == id))
            ?? First(free.Where(at => codeHash is not null && records[at].CodeHash == codeHash && Fingerprint.AreAlike(records[at].Title ?? "", finding.Title)))
            ?? First(free.Where(at => Fingerprint.AreEqual(records[at].Title ?? "", finding.Title)))
            ?? First(all.Where(at => codeHash is not null && records[at].CodeHash == codeHash && Fingerprint.AreAlike(records[at].Title ?? "", finding.Title)
                && review.IsTree && records[at].File is { } file && file != finding.File && review.Lines(file) == CodeLines.OfNone))
            ?? -1;

        static int? First(IEnumerable<int> found) => found.Cast<int?>().FirstOrDefault();
    }

    private static FindingRecord First(Finding finding, string? codeHash, List<FindingRecord> records, ReviewedFiles review)
    {
        // The same title about the same code twice in one report: the second one needs a name of its own.
        var id = Fingerprint.Of(finding.Title, finding.File, codeHash);
        for (var round = 2; records.Exists(record => record.Id == id); round++)
            id = Fingerprint.Of(finding.Title, finding.File, $"{codeHash}#{round}");
        return new FindingRecord { Id = id, State = FindingState.Open, FirstSeenAt = review.Now };
    }

    private static FindingRecord Seen(FindingRecord record, Finding finding, (string Hash, int Count)? code, ReviewedFiles review) => record with
    {
        State = record.State == FindingState.Fixed ? FindingState.Open : record.State,
        Severity = FindingsSchema.Of(finding.Severity),
        Title = Begin(finding.Title, LongestTitle),
        Body = Begin(finding.Body, LongestBody),
        Recommendation = Begin(finding.Recommendation, LongestRecommendation),
        File = finding.File,
        LineStart = finding.LineStart,
        LineEnd = finding.LineEnd,
        CodeHash = code?.Hash,
        CodeLines = code?.Count ?? 0,
        LastSeenAt = review.Now,
        DecidedAt = record.State == FindingState.Fixed ? review.Now : record.DecidedAt,
        JobId = review.JobId,
    };

    // That a model says nothing of it is no proof: only code that is gone is fixed, wherever it stood. A review of an old commit tells nothing, and
    // neither does a file that cannot be read.
    private static (List<FindingRecord> Fixed, List<FindingRecord> Unreported) Rest(List<FindingRecord> records, HashSet<int> taken, ReviewedFiles review)
    {
        var (isFixed, unreported) = (new List<FindingRecord>(), new List<FindingRecord>());
        for (var at = 0; at < records.Count; at++)
        {
            var record = records[at];
            if (taken.Contains(at) || record.State != FindingState.Open || record.File is null || !review.IsTree)
                continue;
            if (record.CodeHash is not null && review.Lines(record.File) is { } lines && !lines.Contains(record.CodeHash, record.CodeLines))
            {
                records[at] = record with { State = FindingState.Fixed, DecidedAt = review.Now };
                isFixed.Add(records[at]);
            }
            else if (review.Covers(record.File))
            {
                unreported.Add(record);
            }
        }

        return (isFixed, unreported);
    }

    private static IReadOnlyList<FindingRecord> Pruned(List<FindingRecord> records)
    {
        var tooMany = records.Count - MostRecords;
        if (tooMany <= 0)
            return records;
        // The fixed ones first, then those that no review has reported for longest; what somebody decided stays.
        var oldest = records.Where(record => record.State is FindingState.Fixed or FindingState.Open)
            .OrderByDescending(record => record.State == FindingState.Fixed).ThenBy(record => record.LastSeenAt)
            .Take(tooMany).Select(record => record.Id).ToHashSet(StringComparer.Ordinal);
        return [.. records.Where(record => !oldest.Contains(record.Id))];
    }

    private static string Begin(string text, int most) =>
        text.Length <= most ? text : text[..(char.IsHighSurrogate(text[most - 2]) ? most - 2 : most - 1)] + "…";
}
