using System.Text.Json;
using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Configuration;
using CodexCompanion.Tool.Rendering;
using CodexCompanion.Tool.Reviews.Findings;
using CodexCompanion.Tool.Reviews.Ledger;

namespace CodexCompanion.Tool.Reviews;

/// <summary>A review as the object of <c>--json</c>.</summary>
internal static class ReviewJsonMaker
{
    /// <summary>Makes it.</summary>
    public static ReviewJson Make(
        ReviewRequest review, TurnRequest request, ReviewView view, TurnResult result, IReadOnlyList<string> notes, int exitCode, string? parseError) => new()
        {
            Review = NameOf(review.Kind),
            Target = TargetOf(view.Target),
            ThreadId = result.ThreadId,
            SourceThreadId = result.ThreadId,
            Context = review.Context,
            Codex = new ReviewerJson(view.Report is null && view.Raw.Length == 0 ? 1 : 0, "", view.Raw, result.ReasoningSummary),
            Result = view.Report is null ? null : ReportOf(view),
            Reason = view.Reason,
            RawOutput = view.Raw,
            ParseError = parseError,
            ReasoningSummary = result.ReasoningSummary,
            Since = view.Report is null ? null : SinceOf(view),
            JobId = request.JobId,
            TurnId = result.TurnId,
            Model = result.Model ?? request.Model,
            Effort = result.Effort ?? request.Effort,
            Sandbox = ConfigWords.Of(request.Sandbox),
            Cwd = request.Cwd,
            Usage = result.Usage,
            RecoveryNotes = notes,
            FailOn = review.FailOn is { } severity ? FindingsSchema.Of(severity) : null,
            ExitCode = exitCode,
        };

    /// <summary>The object of a review that was not needed.</summary>
    public static ReviewJson Nothing(ReviewRequest review, string sentence) => new()
    {
        Review = NameOf(review.Kind),
        Target = TargetOf(review.Target),
        ThreadId = null,
        SourceThreadId = null,
        Context = review.Context,
        Codex = new ReviewerJson(0, "", "", []),
        Result = null,
        Reason = sentence,
        RawOutput = "",
        ParseError = null,
        ReasoningSummary = [],
        Since = null,
        JobId = null,
        TurnId = null,
        Model = null,
        Effort = null,
        Sandbox = ConfigWords.Of(SandboxMode.ReadOnly),
        Cwd = review.Target.Root,
        Usage = null,
        RecoveryNotes = [],
        FailOn = review.FailOn is { } severity ? FindingsSchema.Of(severity) : null,
        ExitCode = ExitCodes.Done,
    };

    /// <summary>As the record keeps it.</summary>
    public static JsonElement Element(ReviewJson json) => JsonText.Element(json, ToolJson.Default.ReviewJson);

    /// <summary>The same with the error.</summary>
    public static JsonElement Element(ReviewJson json, CommandError error) =>
        JsonText.Element(new FailedReviewJson(json, ErrorDetail.Of(error)), ToolJson.Default.FailedReviewJson);

    /// <summary>In one line.</summary>
    public static string Line(ReviewJson json) => JsonText.Line(json, ToolJson.Default.ReviewJson);

    /// <summary>What was reviewed.</summary>
    public static TargetJson TargetOf(TargetFacts target) => new(
        target.Mode, target.Label, target.BaseRef, target.Explicit, target.BaseSha, target.HeadSha, target.Compared, target.Paths, target.Files.Count);

    /// <summary>A finding the workspace remembers.</summary>
    public static LedgerEntryJson EntryOf(FindingRecord record) => new(
        record.Id, record.State.ToString().ToLowerInvariant(), record.Severity, record.Title, record.Body, record.Recommendation, record.File,
        record.LineStart, record.LineEnd, record.FirstSeenAt, record.LastSeenAt, record.DecidedAt, record.Reason, record.JobId);

    private static string NameOf(string kind) => kind == ReviewKinds.Native ? "Review" : "Adversarial Review";

    private static ReportJson ReportOf(ReviewView view) => new(
        view.Report!.Verdict,
        view.Report.Summary,
        [.. view.Findings.Select(known => new FindingJson(
            FindingsSchema.Of(known.Finding.Severity), known.Finding.Title, known.Finding.Body, known.Finding.File, known.Finding.LineStart,
            known.Finding.LineEnd, known.Finding.Confidence, known.Finding.Recommendation, known.Id, known.News.ToString().ToLowerInvariant()))],
        view.Report.NextSteps);

    private static SinceJson SinceOf(ReviewView view) => new(
        view.Findings.Count(f => f.News == FindingNews.New),
        view.Findings.Count(f => f.News == FindingNews.Still),
        view.Findings.Count(f => f.News == FindingNews.Accepted),
        view.Findings.Count(f => f.News == FindingNews.Wrong),
        [.. view.Fixed.Select(EntryOf)],
        [.. view.Unreported.Select(EntryOf)]);
}
