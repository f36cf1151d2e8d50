using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Commands;

namespace CodexCompanion.Tool.Hooks;

/// <summary>
/// <c>hook stop</c>, the review gate: where it is switched on, Codex looks at the turn that is about to end, and an explicit BLOCK sends the
/// session back to work. Everything else lets it end, and says why.
/// </summary>
internal static class StopHook
{
    // The host's input is there at once; one that is late must not cost the session its end.
    private static readonly TimeSpan InputLimit = TimeSpan.FromSeconds(2);

    // What commands of a turn of ours carry in their environment: a Claude started by Codex is not to ask Codex in turn.
    private static readonly string[] NestedMarks = ["CODEX_COMPANION_JOB", "CODEX_COMPANION_INSTANCE"];

    /// <summary>Runs it.</summary>
    public static async Task<HookAnswer> RunAsync(CommandCall call, ToolHost host)
    {
        var input = await HookInputReader.ReadAsync(host, InputLimit);
        var context = HookContext.Of(call, host, input.Cwd);
        if (StateRoot.Resolve(host.Variable) is not StateRoot.At root)
            return HookAnswer.Nothing;
        var store = host.OpenStore(host, context.Workspace, root.Path);
        if (!Directory.Exists(store.Paths.Directory))
            return HookAnswer.Nothing; // Nothing was ever done in this workspace.

        var session = input.SessionId ?? host.SessionId;
        var config = store.ReadConfig();
        var running = StillRunning(store, host.Processes(), session);
        if (config.Value is not { StopReviewGate: true })
            return Told(running);
        if (input.StopHookActive || input.AgentId is not null || NestedMarks.Any(mark => host.Variable(mark) is not null))
            return Told(running);
        if (context.Problem is { } wrong)
            return Told($"Codex's stop-time review did not run: {wrong.Message}", running);

        var fingerprint = await WorkingTreeFingerprint.OfAsync(host, context.Workspace.Root);
        var memory = StopReviewMemory.Of(config.Value);
        if (memory.IsUnchanged(fingerprint))
            return Told(running);
        if (memory.Rounds(session) >= context.Settings.StopReviewRounds.Value)
        {
            memory.WithoutRounds().Save(store);
            return Told($"Codex's stop-time review has sent this session back {context.Settings.StopReviewRounds.Value} times in a row; it may end now, unreviewed.", running);
        }

        var verdict = await StopReview.RunAsync(host, store, context, input);
        memory.After(verdict, fingerprint, session, host.Time.GetUtcNow()).Save(store);
        return verdict switch
        {
            StopVerdict.Block block => new HookAnswer.Block(StopReview.Reason(block)),
            StopVerdict.Allow allow => Told($"Codex's stop-time review: ALLOW: {allow.Why}", running),
            StopVerdict.None none => Told(none.Sentence, running),
            _ => throw new InvalidOperationException("A verdict is closed."),
        };
    }

    private static HookAnswer Told(params string?[] sentences)
    {
        var said = string.Join(' ', sentences.Where(sentence => !string.IsNullOrEmpty(sentence)));
        return said.Length == 0 ? HookAnswer.Nothing : new HookAnswer.Note(said);
    }

    /// <summary>What to say of work that goes on; null when none does. Looks only: to mark a lost job is not a hook's business.</summary>
    private static string? StillRunning(IStateStore store, IProcessTable processes, string? session)
    {
        if (!File.Exists(store.Paths.IndexFile))
            return null;
        var jobs = store.ListNewestJobs(sessionId: null)
            .Where(job => !job.IsFinished && (session is null || string.Equals(job.SessionId, session, StringComparison.Ordinal)))
            .Where(job => job.Process is null || processes.Look(job.Process) is ProcessPresence.Same or ProcessPresence.Unknown)
            .Take(2)
            .ToList();
        return jobs switch
        {
            [] => null,
            [var job] => $"Codex still works on {job.Id}. /codex:status {job.Id} shows how far it is, /codex:cancel {job.Id} stops it.",
            _ => "Codex still works on several jobs of this session. /codex:status lists them, /codex:cancel JOB stops one.",
        };
    }
}
