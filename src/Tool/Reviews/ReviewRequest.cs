using System.Text.Json;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Jobs;
using CodexCompanion.Tool.Rendering;
using CodexCompanion.Tool.Reviews.Findings;
using CodexCompanion.Tool.Reviews.Rendering;

namespace CodexCompanion.Tool.Reviews;

/// <summary>What a review was asked for, apart from the turn itself. A worker reads it back from the job's record.</summary>
internal sealed record ReviewRequest
{
    /// <summary>review or adversarial-review.</summary>
    public required string Kind { get; init; }

    /// <summary>What is reviewed.</summary>
    public required TargetFacts Target { get; init; }

    /// <summary>What the reviewer is given; null for the built-in one.</summary>
    public required ReviewContextJson? Context { get; init; }

    /// <summary>What is said about the review besides its result, a sentence each.</summary>
    public required IReadOnlyList<string> Remarks { get; init; }

    /// <summary>How it is printed.</summary>
    public required ReviewFormat Format { get; init; }

    /// <summary>From which severity on it ends with exit code 8; null for never.</summary>
    public required Severity? FailOn { get; init; }

    /// <summary>Whether Codex's own reviewer does it.</summary>
    public bool IsNative => Kind == ReviewKinds.Native;

    /// <summary>As the record keeps it.</summary>
    public JsonElement Describe(TurnRequest turn, TurnRunSetup setup)
    {
        var (type, reference) = turn.Review switch
        {
            NativeReview.BaseBranch branch => ("baseBranch", branch.Branch),
            NativeReview.Commit commit => ("commit", commit.Sha),
            NativeReview.UncommittedChanges => ("uncommittedChanges", null),
            _ => ((string?)null, (string?)null),
        };
        return JsonText.Element(
            new ReviewRequestJson(
                Kind, IsNative ? null : turn.Prompt, type, reference, Target, Context, Remarks, turn.Cwd, turn.Model, turn.Effort, turn.Config,
                setup.NoBroker, setup.Limits.Turn?.TotalSeconds, setup.Limits.Stall.TotalSeconds, Format.ToString().ToLowerInvariant(),
                FailOn is { } severity ? FindingsSchema.Of(severity) : null),
            ToolJson.Default.ReviewRequestJson);
    }

    /// <summary>Reads it back, with the native target.</summary>
    public static Attempt<ReadBack> Read(JobRecord job)
    {
        var read = RecordedRequest.Of(job);
        if (read.Value is not { } recorded)
            return read.Error!;
        var target = recorded.Member("target");
        if (recorded.Text("kind") is not { } kind || target.Text("mode") is not { } mode || target.Text("root") is not { } root
            || !ReviewFormats.TryParse(recorded.Text(RecordedRequest.Format), out var format))
            return RecordedRequest.Incomplete(job);
        var context = recorded.Member("context");
        var request = new ReviewRequest
        {
            Kind = kind,
            Target = new TargetFacts
            {
                Mode = mode,
                Label = target.Text("label") ?? mode,
                BaseRef = target.Text("baseRef"),
                Explicit = target.IsTrue("explicit"),
                BaseSha = target.Text("baseSha"),
                HeadSha = target.Text("headSha"),
                Compared = target.Text("compared") ?? "",
                Paths = [.. target.Texts("paths")],
                Files = [.. target.Texts("files")],
                IsTree = target.IsTrue("isTree"),
                Root = root,
                Branch = target.Text("branch"),
            },
            Context = context.ValueKind != JsonValueKind.Object ? null : new ReviewContextJson(
                context.Text("repoRoot") ?? root, context.Text("branch"), context.Text("summary") ?? "", context.IsTrue("inline"),
                [.. context.Texts("trimmed")], [.. context.Texts("withheld")]),
            Remarks = [.. recorded.Member("remarks") is { ValueKind: JsonValueKind.Array } remarks ? remarks.EnumerateArray().Select(r => r.ToString()) : []],
            Format = format,
            FailOn = FindingsSchema.TrySeverity(recorded.Text("failOn"), out var severity) ? severity : null,
        };
        NativeReview? native = recorded.Text("nativeType") switch
        {
            "uncommittedChanges" => new NativeReview.UncommittedChanges(),
            "baseBranch" => new NativeReview.BaseBranch(recorded.Text("nativeRef") ?? ""),
            "commit" => new NativeReview.Commit(recorded.Text("nativeRef") ?? "", Title: null),
            _ => null,
        };
        return new ReadBack(request, recorded.Text("prompt"), native, recorded);
    }

    /// <summary>What was read back.</summary>
    internal sealed record ReadBack(ReviewRequest Request, string? Prompt, NativeReview? Native, RecordedRequest Recorded);
}
