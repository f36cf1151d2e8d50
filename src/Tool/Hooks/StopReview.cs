using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Jobs;

namespace CodexCompanion.Tool.Hooks;

/// <summary>Codex's look at the turn that is about to end: reading only, on a thread that is kept nowhere, and no job of the user's.</summary>
internal static class StopReview
{
    /// <summary>Runs it.</summary>
    public static async Task<StopVerdict> RunAsync(ToolHost host, IStateStore store, HookContext context, HookInput input)
    {
        var settings = context.Settings;
        var request = new TurnRequest
        {
            JobId = JobIds.NewReviewId(host.Time),
            Cwd = input.Cwd is { } cwd && Directory.Exists(cwd) ? cwd : context.Workspace.Root,
            Prompt = StopReviewPrompt.For(input.LastAssistantMessage),
            ClientMessageId = Guid.NewGuid().ToString(),
            Sandbox = SandboxMode.ReadOnly,
            SandboxIsPinned = true,
            Ephemeral = true,
            Model = settings.ResolveModel(settings.StopReviewModel.Value ?? settings.Model.Value),
            Effort = settings.StopReviewEffort.Value ?? settings.Effort.Value,
            Config = ReviewArguments.WithoutPinned(settings.CodexConfig.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.Value))),
            Environment = host.Variables,
        };
        var limits = settings.Limits with { Turn = settings.Limits.StopReview };
        var setup = new TurnRunSetup(
            store, limits, settings.NoBroker.Value, settings.CodexPath.Value, input.SessionId ?? host.SessionId, host.Variables);
        using var signals = host.ListenForStop();
        await using var run = host.CreateRun(host, setup);
        var outcome = await run.RunAsync(request, new SilentObserver(), signals.Stop);
        return outcome switch
        {
            Outcome.Completed { Value: var result } => StopVerdict.Of(result.FinalText),
            Outcome.Cancelled => new StopVerdict.None("Codex's stop-time review was interrupted, so the session may end unreviewed."),
            Outcome.Failed failed => new StopVerdict.None(Explain(failed)),
            _ => throw new InvalidOperationException("An outcome is closed."),
        };
    }

    /// <summary>What a session that is sent back is told.</summary>
    public static string Reason(StopVerdict.Block block) =>
        $"Codex stop-time review found issues that still need fixes before ending the session: {block.Why}\n\n" +
        "(This gate is switched off by /codex:setup --disable-review-gate.)";

    private static string Explain(Outcome.Failed failed) => failed.Kind switch
    {
        FailureKind.CodexMissing or FailureKind.CodexTooOld or FailureKind.CodexBroken or FailureKind.NotLoggedIn =>
            $"Codex is not set up for the review gate. {failed.Message} Run /codex:setup.",
        FailureKind.TimeLimit or FailureKind.Stalled =>
            $"Codex's stop-time review did not end in time, so the session may end unreviewed. {failed.Message}",
        _ => $"Codex's stop-time review failed, so the session may end unreviewed. {failed.Message}",
    };
}
