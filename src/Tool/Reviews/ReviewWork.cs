using System.Text.Json;
using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Configuration;
using CodexCompanion.Tool.Jobs;
using CodexCompanion.Tool.Reviews.Findings;
using CodexCompanion.Tool.Reviews.Prompts;

namespace CodexCompanion.Tool.Reviews;

/// <summary>
/// The work of a review: one turn, and a second one where the answer of the first cannot be read. Both are read-only, whatever is configured:
/// a server that would give them more than that is not used.
/// </summary>
internal sealed class ReviewWork(ToolHost host, ReviewRequest review, TurnRequest request, TurnRunSetup setup) : IJobWork
{
    /// <summary>The two kinds.</summary>
    public static IReadOnlyList<JobKind> Kinds { get; } = [new(ReviewKinds.Native, Rebuild), new(ReviewKinds.Adversarial, Rebuild)];

    /// <summary>What was asked for.</summary>
    public ReviewRequest Review { get; } = review;

    /// <summary>The turn.</summary>
    public TurnRequest Request { get; } = request;

    /// <inheritdoc/>
    public TurnRequest Turn => Request;

    /// <inheritdoc/>
    public TurnRunSetup Setup { get; } = setup;

    /// <inheritdoc/>
    public bool Exclusive => false;

    /// <inheritdoc/>
    public async Task<Outcome> RunAsync(ITurnRun run, IRunObserver observer, CancellationToken stop)
    {
        var outcome = await run.RunAsync(Request, observer, stop);
        if (Review.IsNative || outcome is not Outcome.Completed { Value: { SandboxFailure: null, ThreadId: { } thread } first })
            return outcome;
        var read = FindingsReader.Read(first.FinalText, Review.Target.Root);
        if (read.Report is not null || stop.IsCancellationRequested)
            return outcome;

        observer.On(new RunEvent.Note($"The reviewer's answer could not be read ({read.Problems[0].TrimEnd('.')}); it was asked for it once more."));
        var again = await run.RunAsync(
            Request with
            {
                Prompt = RepairPrompt.Text(read.Problems),
                ClientMessageId = Guid.NewGuid().ToString(),
                ThreadId = thread,
                ThreadName = null,
            },
            observer,
            stop);
        // What the first turn thought still counts; the second one only writes it down.
        return again switch
        {
            Outcome.Completed { Value: var second } => new Outcome.Completed(Joined(first, second, second.FinalText)),
            Outcome.Failed failed => new Outcome.Failed(
                failed.Kind,
                $"The reviewer's answer could not be read, and it could not be asked for once more: {failed.Message}",
                string.Join(' ', new[] { failed.Hint, "The answer itself is kept with the job." }.OfType<string>()))
            {
                Result = Joined(first, failed.Result, ""),
            },
            Outcome.Cancelled cancelled => cancelled with { Result = Joined(first, cancelled.Result, "") },
            _ => throw new InvalidOperationException("An outcome is closed."),
        };
    }

    // A second turn that did not come to its end leaves the answer of the first one: it cannot be read as findings, and somebody paid for it.
    private static TurnResult Joined(TurnResult first, TurnResult? second, string text) => second is null ? first : second with
    {
        FinalText = string.IsNullOrWhiteSpace(text) ? first.FinalText : text,
        ReasoningSummary = [.. first.ReasoningSummary, .. second.ReasoningSummary],
    };

    /// <inheritdoc/>
    public JobEnd Conclude(Outcome outcome, RunFacts facts) => new ReviewEnding(Setup.Store, Review, Request, host.Time).Conclude(outcome, facts);

    /// <summary>What the job's record keeps of the work.</summary>
    public JsonElement Describe() => Review.Describe(Request, Setup);

    /// <summary>The turn of a review.</summary>
    public static TurnRequest TurnOf(
        ToolHost host, ReviewRequest review, string jobId, string messageId, string? prompt, NativeReview? native, Resolved resolved) => new()
        {
            JobId = jobId,
            Cwd = review.Target.Root,
            Prompt = prompt ?? "",
            ClientMessageId = messageId,
            Sandbox = SandboxMode.ReadOnly,
            SandboxIsPinned = true,
            Model = resolved.Model,
            Effort = resolved.Effort,
            Config = native is null ? resolved.Config : ForReviewer(resolved),
            Environment = host.Variables,
            ThreadName = $"Codex Companion Review: {review.Target.Label}",
            OutputSchema = native is null ? FindingsSchema.Schema : null,
            Review = native,
        };

    // review/start takes neither: the reviewer has a model setting of its own, and its effort comes from the thread's configuration.
    private static Dictionary<string, JsonElement> ForReviewer(Resolved resolved)
    {
        var config = new Dictionary<string, JsonElement>(resolved.Config, StringComparer.Ordinal);
        if (resolved.Model is { } model)
            config["review_model"] = Tool.Rendering.JsonText.Element(model);
        if (resolved.Effort is { } effort)
            config["model_reasoning_effort"] = Tool.Rendering.JsonText.Element(effort);
        return config;
    }

    private static Attempt<IJobWork> Rebuild(ToolHost host, IStateStore store, JobRecord job)
    {
        var read = ReviewRequest.Read(job);
        if (read.Value is not { } back)
            return read.Error!;
        if (back.Native is null == string.IsNullOrEmpty(back.Prompt))
            return RecordedRequest.Incomplete(job);
        var loaded = SettingsLoader.Load(store.Workspace.Root, host.Variables);
        if (loaded.Value is not { } settings)
            return loaded.Error!;

        var limits = settings.Limits with
        {
            Turn = back.Recorded.Seconds("timeLimitSeconds"),
            Stall = back.Recorded.Seconds("stallLimitSeconds") ?? settings.Limits.Stall,
        };
        var resolved = new Resolved(
            SandboxMode.ReadOnly, back.Recorded.Text("model"), back.Recorded.Text("effort"), settings.CodexPath.Value, back.Recorded.Flag("noBroker"),
            limits, back.Recorded.Members("config"));
        var request = TurnOf(host, back.Request, job.Id, job.ClientMessageId ?? Guid.NewGuid().ToString(), back.Prompt, back.Native, resolved);
        var setup = new TurnRunSetup(store, limits, resolved.NoBroker, resolved.CodexPath, job.SessionId, host.Variables);
        return new Attempt<IJobWork>(new ReviewWork(host, back.Request, request, setup), Error: null);
    }
}
