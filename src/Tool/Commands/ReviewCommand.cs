using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Jobs;
using CodexCompanion.Tool.Rendering;
using CodexCompanion.Tool.Reviews;
using CodexCompanion.Tool.Reviews.Findings;
using CodexCompanion.Tool.Reviews.Rendering;

namespace CodexCompanion.Tool.Commands;

/// <summary><c>review</c>: Codex's own reviewer, and <c>adversarial-review</c>: a steerable one with findings in a schema.</summary>
internal static class ReviewCommand
{
    // More than anybody types; the words are only taken so that they can be refused in a sentence.
    private const int AnyNumber = 10_000;

    /// <summary>The command of the built-in reviewer.</summary>
    public static CommandSpec Native { get; } = new(ReviewKinds.Native, "Let Codex's built-in reviewer look at a change.")
    {
        Options = ReviewOptions.Native,
        MostWords = AnyNumber,
        PathsAfterDashes = true,
        Run = (call, host) => RunAsync(call, host, ReviewKinds.Native),
        Examples =
        [
            "codex-companion review",
            "codex-companion review --base main --fail-on high",
            "codex-companion review --commit HEAD~1 --background",
        ],
    };

    /// <summary>The command of our own.</summary>
    public static CommandSpec Adversarial { get; } = new(ReviewKinds.Adversarial, "Let Codex try to break a change, and list what it finds.")
    {
        Options = ReviewOptions.Adversarial,
        WordName = "focus",
        WordDescription = "What to look at above all; everything from the first word on. After -- come paths instead.",
        FreeText = true,
        PathsAfterDashes = true,
        Run = (call, host) => RunAsync(call, host, ReviewKinds.Adversarial),
        Examples =
        [
            "codex-companion adversarial-review \"can two writers lose an update?\"",
            "codex-companion adversarial-review --scope staged --fail-on medium --format sarif",
            "codex-companion adversarial-review --range main...topic --show-context -- src/store",
        ],
    };

    private static async Task<int> RunAsync(CommandCall call, ToolHost host, string kind)
    {
        if (kind == ReviewKinds.Native && Refuse(call) is { } refused)
            return Reporter.Fail(host.Streams, refused, call.Json);
        // The same to whoever reads the output; what a background job keeps for later is another matter.
        if (call.Options.Value(ReviewOptions.Format) == "json")
            call = call.AsJson();
        var made = await PlanAsync(call, host, kind);
        if (made.Value is not { } plan)
            return Reporter.Fail(host.Streams, made.Error!, call.Json);
        if (call.Options.Has(ReviewOptions.ShowContext))
            return ShowContext(call, host, plan);
        if (plan.IsEmpty)
            return SayNothing(call, host, plan);

        var job = plan.ToJob(host);
        if (job.Value is null)
            return Reporter.Fail(host.Streams, job.Error!, call.Json);
        var ready = TextTail.NoteFor(call) is { } tail
            ? job.Value with { Remarks = [new Remark(tail, Shown: true), .. job.Value.Remarks] }
            : job.Value;
        if (plan.HandOver is { } after)
            return await HandedOverJob.RunAsync(call, host, ready, after);
        return call.Options.Has(ReviewOptions.Background)
            ? await BackgroundJob.RunAsync(call, host, ready)
            : await ForegroundJob.RunAsync(call, host, ready);
    }

    // Git may compare for long: a signal ends it too, as it would end a run.
    private static async Task<Attempt<ReviewPlan>> PlanAsync(CommandCall call, ToolHost host, string kind)
    {
        using var signals = host.ListenForStop();
        Attempt<ReviewPlan>? made = null;
        try
        {
            made = await ReviewPlan.MakeAsync(call, host, kind, signals.Stop);
        }
        catch (OperationCanceledException) when (signals.Signal is not null)
        {
            // Said below, as when the signal came too late to end anything.
        }

        return signals.Signal is { } number
            ? new CommandError(JobErrors.CancelledCode, "The review was cancelled before it began.", Hint: null, Retryable: true, ExitCodes.SignalBase + number)
            : made!;
    }

    private static CommandError? Refuse(CommandCall call)
    {
        if (call.Words.Count > 0 || !string.IsNullOrWhiteSpace(call.RawText))
        {
            return CommandError.Usage(
                "The built-in reviewer does not support custom focus text.",
                $"Use {CommandApplication.ToolName} adversarial-review <text> (in Claude Code: /codex:adversarial-review <text>).");
        }

        return call.Paths.Count > 0 || call.Options.Has(ReviewOptions.Path)
            ? CommandError.Usage("The built-in reviewer does not take paths; adversarial-review does.", $"Use {CommandApplication.ToolName} adversarial-review -- PATH.")
            : null;
    }

    // The very bytes: what is shown is what is sent.
    private static int ShowContext(CommandCall call, ToolHost host, ReviewPlan plan)
    {
        var parameters = plan.Native is { } native ? RpcMessage.ToElement(AppServerCalls.ReviewStart("THREAD", native)).Member("target") : default;
        if (call.Json)
        {
            var shown = new ShownContextJson(
                plan.Native is null ? AppServerMethods.TurnStart : AppServerMethods.ReviewStart,
                ReviewJsonMaker.TargetOf(plan.Review.Target), plan.Review.Context, plan.Prompt, plan.Native is null ? null : parameters);
            Reporter.TryPrint(host.Streams, JsonText.Line(shown, ToolJson.Default.ShownContextJson) + "\n");
            return ExitCodes.Done;
        }

        Reporter.TryPrint(host.Streams, plan.Prompt ?? $"{AppServerMethods.ReviewStart} {parameters.GetRawText()}\n");
        return ExitCodes.Done;
    }

    private static int SayNothing(CommandCall call, ToolHost host, ReviewPlan plan)
    {
        var sentence = $"Nothing to review: {plan.Review.Target.Label}, {plan.Review.Target.Compared}, holds no changes{(plan.Review.Target.Paths.Count == 0 ? "" : " there")}.";
        var view = new ReviewView
        {
            Kind = plan.Review.Kind,
            JobId = "",
            Target = plan.Review.Target,
            Report = new ReviewReport(Approved: true, sentence, [], []),
            Reason = null,
            Findings = [],
            Fixed = [],
            Unreported = [],
            HasHistory = false,
            Raw = "",
            Reasoning = [],
            Remarks = [],
        };
        Reporter.TryPrint(host.Streams, plan.Review.Format switch
        {
            _ when call.Json => ReviewJsonMaker.Line(ReviewJsonMaker.Nothing(plan.Review, sentence)) + "\n",
            ReviewFormat.Text => sentence + "\n",
            var format => ReviewFormats.Render(view, format, host.Variables) + "\n",
        });
        return ExitCodes.Done;
    }
}
