using System.Text.Json;
using System.Text.Json.Serialization;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Reviews;

/// <summary>What was reviewed, in <c>--json</c>. The members up to <c>explicit</c> are those of the Node runtime.</summary>
internal sealed record TargetJson(
    string Mode,
    string Label,
    string? BaseRef,
    bool Explicit,
    string? BaseSha,
    string? HeadSha,
    string Compared,
    IReadOnlyList<string> Paths,
    int Files);

/// <summary>What the reviewer was given.</summary>
internal sealed record ReviewContextJson(
    string RepoRoot, string? Branch, string Summary, bool Inline, IReadOnlyList<string> Trimmed, IReadOnlyList<string> Withheld);

/// <summary>The reviewer's side, as the Node runtime shows it.</summary>
internal sealed record ReviewerJson(int Status, string Stderr, string Stdout, IReadOnlyList<string> Reasoning);

/// <summary>One finding: the members of the schema, and what the workspace knows of it.</summary>
internal sealed record FindingJson(
    string Severity,
    string Title,
    string Body,
    string File,
    [property: JsonPropertyName("line_start")] int LineStart,
    [property: JsonPropertyName("line_end")] int LineEnd,
    double? Confidence,
    string Recommendation,
    string Id,
    string State);

/// <summary>The report.</summary>
internal sealed record ReportJson(
    string Verdict, string Summary, IReadOnlyList<FindingJson> Findings, [property: JsonPropertyName("next_steps")] IReadOnlyList<string> NextSteps);

/// <summary>A finding of an earlier review.</summary>
internal sealed record LedgerEntryJson(
    string Id,
    string State,
    string? Severity,
    string? Title,
    string? Body,
    string? Recommendation,
    string? File,
    [property: JsonPropertyName("line_start")] int LineStart,
    [property: JsonPropertyName("line_end")] int LineEnd,
    DateTimeOffset FirstSeenAt,
    DateTimeOffset LastSeenAt,
    DateTimeOffset? DecidedAt,
    string? Reason,
    string? JobId);

/// <summary>What changed since the last review.</summary>
internal sealed record SinceJson(int New, int Still, int Accepted, int Wrong, IReadOnlyList<LedgerEntryJson> Fixed, IReadOnlyList<LedgerEntryJson> Unreported);

/// <summary>What both review commands print with <c>--json</c>: one form, whatever the reviewer was.</summary>
internal record ReviewJson
{
    /// <summary>Which review.</summary>
    public required string Review { get; init; }

    /// <summary>What was reviewed.</summary>
    public required TargetJson Target { get; init; }

    /// <summary>The thread.</summary>
    public required string? ThreadId { get; init; }

    /// <summary>The thread the review was started from: the same, as it runs in the thread itself.</summary>
    public required string? SourceThreadId { get; init; }

    /// <summary>What the reviewer was given; null for the built-in reviewer, which looks for itself.</summary>
    public required ReviewContextJson? Context { get; init; }

    /// <summary>The reviewer's side.</summary>
    public required ReviewerJson Codex { get; init; }

    /// <summary>The report; null when there is none that can be read.</summary>
    public required ReportJson? Result { get; init; }

    /// <summary>Why there is no report; null when there is one.</summary>
    public required string? Reason { get; init; }

    /// <summary>The reviewer's answer, as it was.</summary>
    public required string RawOutput { get; init; }

    /// <summary>Why the answer could not be read; null when it could.</summary>
    public required string? ParseError { get; init; }

    /// <summary>Summaries of the reasoning.</summary>
    public required IReadOnlyList<string> ReasoningSummary { get; init; }

    /// <summary>What changed since the last review; null when there is no report.</summary>
    public required SinceJson? Since { get; init; }

    /// <summary>The job; null when there was nothing to review.</summary>
    public required string? JobId { get; init; }

    /// <summary>The turn.</summary>
    public required string? TurnId { get; init; }

    /// <summary>Model, as the server resolved it.</summary>
    public required string? Model { get; init; }

    /// <summary>Effort, as the server resolved it.</summary>
    public required string? Effort { get; init; }

    /// <summary>Sandbox mode: always read-only.</summary>
    public required string Sandbox { get; init; }

    /// <summary>Working directory: the root of the repository.</summary>
    public required string Cwd { get; init; }

    /// <summary>Tokens used, as the server counted them.</summary>
    public required JsonElement? Usage { get; init; }

    /// <summary>What had to be done to get the result.</summary>
    public required IReadOnlyList<string> RecoveryNotes { get; init; }

    /// <summary>The severity of <c>--fail-on</c>; null when it was not given.</summary>
    public required string? FailOn { get; init; }

    /// <summary>The exit code of the process.</summary>
    public required int ExitCode { get; init; }
}

/// <summary>The same when the review failed: with the error.</summary>
internal sealed record FailedReviewJson : ReviewJson
{
    /// <summary>Copies what is known of the review.</summary>
    [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
    public FailedReviewJson(ReviewJson known, ErrorDetail error)
        : base(known) => Error = error;

    /// <summary>Why.</summary>
    public ErrorDetail Error { get; }
}

/// <summary>What <c>--show-context --json</c> prints: exactly what would be sent.</summary>
/// <param name="Method">The call that would carry it.</param>
/// <param name="Target">What would be reviewed.</param>
/// <param name="Context">What the prompt holds; null for the built-in reviewer.</param>
/// <param name="Prompt">The prompt; null for the built-in reviewer, which makes its own.</param>
/// <param name="Params">The target as it would be sent to the built-in reviewer; null otherwise.</param>
internal sealed record ShownContextJson(string Method, TargetJson Target, ReviewContextJson? Context, string? Prompt, JsonElement? Params);

/// <summary><c>findings list --json</c>.</summary>
internal sealed record FindingsJson(string WorkspaceRoot, IReadOnlyList<LedgerEntryJson> Findings);

/// <summary><c>findings accept</c> and <c>reopen</c> with <c>--json</c>.</summary>
internal sealed record FindingDecisionJson(LedgerEntryJson Finding);

/// <summary>The request as a review's job record keeps it: enough to run it again.</summary>
internal sealed record ReviewRequestJson(
    string Kind,
    string? Prompt,
    string? NativeType,
    string? NativeRef,
    TargetFacts Target,
    ReviewContextJson? Context,
    IReadOnlyList<string> Remarks,
    string Cwd,
    string? Model,
    string? Effort,
    IReadOnlyDictionary<string, JsonElement> Config,
    bool NoBroker,
    double? TimeLimitSeconds,
    double StallLimitSeconds,
    string Format,
    string? FailOn);
