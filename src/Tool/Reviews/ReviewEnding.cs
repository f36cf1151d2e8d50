using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Jobs;
using CodexCompanion.Tool.Rendering;
using CodexCompanion.Tool.Reviews.Findings;
using CodexCompanion.Tool.Reviews.Ledger;
using CodexCompanion.Tool.Reviews.Rendering;

namespace CodexCompanion.Tool.Reviews;

/// <summary>
/// From the outcome of a review's turn to what is recorded, printed and answered as exit code. A review that saw nothing, or whose answer
/// cannot be understood, is a failed one: it is never shown as a clean one.
/// </summary>
internal sealed class ReviewEnding(IStateStore store, ReviewRequest review, TurnRequest request, TimeProvider time)
{
    /// <summary>Works it out, and works the findings into the workspace's ledger.</summary>
    public JobEnd Conclude(Outcome outcome, RunFacts facts)
    {
        var threadId = outcome.Result?.ThreadId ?? facts.ThreadId;
        var raw = RawOf(outcome.Result);
        if (JobErrors.Of(outcome, "review", threadId, facts.Names) is { } failed)
            return Failed(outcome, facts, failed, raw, parseError: null);

        var result = ((Outcome.Completed)outcome).Value;
        if (result.SandboxFailure is { } blocked && review.Context is not { Inline: true })
            return Failed(outcome, facts, Blocked(blocked), raw, parseError: null);
        var read = review.IsNative ? NativeReviewReader.Read(raw, review.Target.Root) : FindingsReader.Read(raw, review.Target.Root);
        if (read.Report is null && Unusable(raw, read) is { } unusable)
            return Failed(outcome, facts, unusable, raw, string.Join(' ', read.Problems));
        return Completed(outcome, facts, raw, read);
    }

    private JobEnd Completed(Outcome outcome, RunFacts facts, string raw, FindingsRead read)
    {
        var (view, problem) = Remember(ViewOf(outcome.Result!, raw, read));
        if (problem is not null)
            view = view with { Remarks = [.. view.Remarks, problem] };
        var exitCode = review.FailOn is { } least && view.Worst >= least ? ExitCodes.Findings : ExitCodes.Done;
        var notes = problem is null ? facts.Notes : [.. facts.Notes, problem];
        var json = ReviewJsonMaker.Make(review, request, view, outcome.Result!, notes, exitCode, read.Report is null ? string.Join(' ', read.Problems) : null);
        return new JobEnd
        {
            Outcome = outcome,
            Error = null,
            Result = ReviewJsonMaker.Element(json),
            Rendered = review.Format == ReviewFormat.Json ? ReviewJsonMaker.Line(json) : ReviewFormats.Render(view, review.Format, request.Environment),
            ExitCode = exitCode,
        };
    }

    private JobEnd Failed(Outcome outcome, RunFacts facts, CommandError error, string raw, string? parseError)
    {
        // A completed turn that brought no review: the job failed all the same.
        var ended = outcome is Outcome.Completed { Value: var value } ? new Outcome.Failed(FailureKind.TurnFailed, error.Message, error.Hint) { Result = value } : outcome;
        var exitCode = facts.ExitCodeOf(error);
        var view = ViewOf(outcome.Result ?? new TurnResult(), raw, new FindingsRead(Report: null, [error.Message]));
        var json = ReviewJsonMaker.Make(review, request, view, outcome.Result ?? new TurnResult { ThreadId = facts.ThreadId }, facts.Notes, exitCode, parseError);
        return new JobEnd
        {
            Outcome = ended,
            Error = error,
            Result = ReviewJsonMaker.Element(json, error),
            Rendered = raw.Length > 0 ? ReviewFormats.ForPeople(Plain.Lines(raw), request.Environment) : null,
            ExitCode = exitCode,
        };
    }

    private string RawOf(TurnResult? result) => review.IsNative ? result?.Review ?? result?.FinalText ?? "" : result?.FinalText ?? "";

    private static CommandError Blocked(string sentence) => new(
        "sandbox", $"Nothing was reviewed. {sentence}", "adversarial-review --inline always puts the changes into the prompt, so that no command is needed.", Retryable: false, ExitCodes.Failed);

    // Prose of the built-in reviewer is a result even where its findings cannot be told from it, unless a script waits for a verdict.
    private CommandError? Unusable(string raw, FindingsRead read)
    {
        if (review.IsNative && NativeReviewReader.SaysFailed(raw))
            return new CommandError("no-review", "The reviewer ended without a report.", "Give the command again.", Retryable: true, ExitCodes.Failed);
        if (!review.IsNative)
        {
            return new CommandError(
                "invalid-review", $"The reviewer's answer cannot be read as a review: {read.Problems[0]}", "The answer itself is kept with the job; give the command again for another one.", Retryable: true, ExitCodes.Failed);
        }

        return review.FailOn is null ? null : new CommandError(
            "invalid-review", $"It cannot be told whether there are findings for --fail-on. {read.Problems[0]}", "The review's text is kept with the job.", Retryable: true, ExitCodes.Failed);
    }

    private ReviewView ViewOf(TurnResult result, string raw, FindingsRead read) => new()
    {
        Kind = review.Kind,
        JobId = request.JobId,
        Target = review.Target,
        Report = read.Report,
        Reason = read.Report is null ? string.Join(' ', read.Problems) : null,
        Findings = [.. (read.Report?.Findings ?? []).Select(finding => new KnownFinding(finding, Fingerprint.Of(finding.Title, finding.File, null), FindingNews.New))],
        Fixed = [],
        Unreported = [],
        HasHistory = false,
        Raw = raw,
        Reasoning = result.ReasoningSummary,
        Remarks = review.Remarks,
    };

    private const string Damaged =
        "The list of earlier findings was damaged and was set aside; a new one begins with this review, and what was accepted or called wrong counts again.";

    // The result is worth more than the memory of it: a ledger that cannot be written costs a note.
    private (ReviewView View, string? Problem) Remember(ReviewView view)
    {
        if (view.Report is not { } report)
            return (view, null);
        var files = new ReviewedFiles(
            review.Target.Root, review.Target.Files.ToHashSet(StringComparer.Ordinal), request.JobId, review.Target.IsTree, time.GetUtcNow());
        LedgerUpdate? update = null;
        var (hadHistory, wasDamaged) = (false, false);
        try
        {
            wasDamaged = store.ReadFindings().Kind == StateReadKind.Corrupt;
            store.UpdateFindings(ledger =>
            {
                hadHistory = ledger.Findings.Count > 0;
                return (update = LedgerUpdate.Make(ledger, report, files)).Ledger;
            });
        }
        catch (StateStoreException refused)
        {
            return (view, $"The findings could not be remembered: {refused.Message}");
        }

        return (view with { Findings = update!.Findings, Fixed = update.Fixed, Unreported = update.Unreported, HasHistory = hadHistory }, wasDamaged ? Damaged : null);
    }
}
