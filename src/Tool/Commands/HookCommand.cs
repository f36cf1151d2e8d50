using CodexCompanion.Pipeline;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Hooks;

namespace CodexCompanion.Tool.Commands;

/// <summary><c>hook</c>: what Claude Code calls at the begin and the end of a session.</summary>
internal static class HookCommand
{
    // From the start of the process to here, on a loaded machine: what a limit for the whole of it leaves is less by this.
    private static readonly TimeSpan StartUp = TimeSpan.FromMilliseconds(80);
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(20);

    /// <summary>The command and those below it.</summary>
    public static CommandSpec Spec { get; } = new(HookRun.CommandName, "Answer a hook of Claude Code; always exits 0.")
    {
        Subcommands =
        [
            new("session-start", "Tell the commands of a session which session it is.")
            {
                Run = (call, host) => RunAsync(call, host, limits => limits.SessionStartHook, SessionStartHook.RunAsync),
                Examples =
                [
                    "codex-companion hook session-start < event.json",
                    "echo '{\"session_id\":\"s1\"}' | CLAUDE_ENV_FILE=/tmp/env codex-companion hook session-start",
                ],
            },
            new("session-end", "Tell the brokers that a session no longer keeps them.")
            {
                Run = (call, host) => RunAsync(call, host, limits => limits.SessionEndHook, SessionEndHook.RunAsync),
                Examples =
                [
                    "codex-companion hook session-end < event.json",
                    "echo '{\"session_id\":\"s1\"}' | codex-companion hook session-end",
                ],
            },
            new("stop", "Let Codex review the turn that is about to end, where the gate is on.")
            {
                Run = (call, host) => HookRun.RunAsync(
                    host, () => StopLimit(HookContext.Of(call, host, sessionDirectory: null).Limits), _ => StopHook.RunAsync(call, host)),
                Examples =
                [
                    "codex-companion hook stop < event.json",
                    "echo '{\"session_id\":\"s1\",\"last_assistant_message\":\"Done.\"}' | codex-companion hook stop",
                ],
            },
        ],
        Examples = ["codex-companion hook session-start < event.json", "codex-companion hook stop < event.json"],
    };

    private static Task<int> RunAsync(
        CommandCall call, ToolHost host, Func<TimeLimits, TimeSpan> limit, Func<ToolHost, TimeSpan, Task<HookAnswer>> hook) =>
        HookRun.RunAsync(host, () => Left(limit(HookContext.Of(call, host, sessionDirectory: null).Limits)), left => hook(host, left));

    // The review itself, a way to it (a broker's start) and a way back (its turn is stopped): then the session ends all the same.
    private static TimeSpan StopLimit(TimeLimits limits) => limits.StopReview + limits.BrokerStart + limits.Cancel + limits.Cancel;

    private static TimeSpan Left(TimeSpan limit) => limit - StartUp > Least ? limit - StartUp : Least;
}
