using CodexCompanion.Pipeline.Turns;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Configuration;
using CodexCompanion.Tool.Jobs;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Commands;

/// <summary><c>task</c>: one turn by Codex, here or in a worker.</summary>
internal static class TaskCommand
{
    /// <summary>The command.</summary>
    public static CommandSpec Spec { get; } = new("task", "Let Codex do one task and print its answer.")
    {
        Options = TaskOptions.All,
        WordName = "prompt",
        WordDescription = "The task, byte for byte; everything from the first word on. Read from stdin when missing.",
        FreeText = true,
        Run = RunAsync,
        Examples =
        [
            "codex-companion task \"why does the build fail on macOS?\"",
            "codex-companion task --background --write --effort high \"fix the failing test in tests/io\"",
            "git diff | codex-companion task --context-file - \"is this change safe?\"",
        ],
    };

    private static async Task<int> RunAsync(CommandCall call, ToolHost host)
    {
        var made = await TaskPlan.MakeAsync(call, host);
        if (made.Value is not { } plan)
            return Reporter.Fail(host.Streams, made.Error!, call.Json);
        var job = plan.Job with { Remarks = [.. Remarks(call, plan.Work.Turn)] };
        if (plan.HandOver is { } after)
            return await HandedOverJob.RunAsync(call, host, job, after);
        return call.Options.Has(TaskOptions.Background)
            ? await BackgroundJob.RunAsync(call, host, job)
            : await ForegroundJob.RunAsync(call, host, job);
    }

    private static IEnumerable<Remark> Remarks(CommandCall call, TurnRequest request)
    {
        if (TextTail.NoteFor(call) is { } tail)
            yield return new Remark(tail, Shown: true);
        // Asked for on the command line it is known; out of the configuration it may be forgotten.
        if (request.Sandbox != SandboxMode.ReadOnly && !call.Options.Has(TaskOptions.Sandbox) && !call.Options.Has(TaskOptions.Write))
            yield return new Remark($"The task runs with the sandbox {ConfigWords.Of(request.Sandbox)}, as the configuration says.", Shown: true);
        if (request.Sandbox == SandboxMode.WorkspaceWrite)
            yield return new Remark($"Codex marks {request.Cwd} as a trusted project in its config.toml, since the task may write.", call.Verbose);
    }
}
