using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Jobs;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Commands;

/// <summary><c>task</c>: one turn by Codex, in the foreground.</summary>
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
            "codex-companion task --write --effort high \"fix the failing test in tests/io\"",
            "git diff | codex-companion task --context-file - \"is this change safe?\"",
        ],
    };

    private static async Task<int> RunAsync(CommandCall call, ToolHost host)
    {
        var made = TaskPlan.Make(call, host);
        if (made.Value is not { } plan)
            return Reporter.Fail(host.Streams, made.Error!, call.Json);
        using var signals = host.ListenForStop();
        try
        {
            plan.Store.CreateJob(plan.Job);
        }
        catch (StateStoreException refused)
        {
            return Reporter.Fail(host.Streams, CommandError.State(refused.Message), call.Json);
        }

        var end = await FollowAsync(call, host, plan, signals);
        return Print(call, host, plan, end);
    }

    private static async Task<JobEnd> FollowAsync(CommandCall call, ToolHost host, TaskPlan plan, IStopSignals signals)
    {
        var journal = new JobJournal(plan.Store, plan.Job.Id, host.Time);
        RunNarrator narrator;
        Outcome outcome;
        await using (var view = ProgressView.For(host.Streams, host.Variables, host.Time, call.Json))
        {
            narrator = new RunNarrator(plan.Job.Id, journal, view, host.Streams, call.Json, call.Verbose);
            Announce(call, plan, journal, view);
            try
            {
                var run = host.CreateRun(host, plan.Setup);
                outcome = await run.RunAsync(plan.Request, narrator, signals.Stop);
            }
            catch (Exception fault)
            {
                // A fault of ours must not leave a job that says it is running.
                journal.On(new RunEvent.Block("Internal error", fault.ToString()));
                outcome = new Outcome.Failed(FailureKind.Internal, $"{fault.GetType().Name}: {fault.Message}");
            }
        }

        await journal.CompleteAsync();
        var end = TaskEnding.Of(plan, outcome, narrator, signals.Signal, new CommandNames(host.SessionId));
        var problem = ForegroundJob.RecordEnd(plan.Store, plan.Job.Id, end) ?? journal.Problem;
        if (problem is not null && !call.Json)
            host.Streams.WriteErrorLine("note: The job could not be recorded in full: " + Plain.OneLine(problem));
        return end;
    }

    /// <summary>What is worth saying before the turn.</summary>
    private static void Announce(CommandCall call, TaskPlan plan, JobJournal journal, ProgressView view)
    {
        if (call.Words.Count > 0 && TextTail.NoteFor(plan.Request.Prompt, call.Command.Table) is { } tail)
        {
            view.Note("note: " + tail);
            journal.On(new RunEvent.Progress(Phase: null, tail));
        }

        if (plan.Request.Sandbox != SandboxMode.WorkspaceWrite)
            return;
        var trust = $"Codex marks {plan.Request.Cwd} as a trusted project in its config.toml, since the task may write.";
        journal.On(new RunEvent.Progress(Phase: null, trust));
        if (call.Verbose)
            view.Note("note: " + trust);
    }

    private static int Print(CommandCall call, ToolHost host, TaskPlan plan, JobEnd end)
    {
        var printed = true;
        if (call.Json)
        {
            printed = Reporter.TryPrint(host.Streams, TaskEnding.JsonLine(end.Json) + "\n");
        }
        else if (end.Error is null)
        {
            printed = Reporter.TryPrint(host.Streams, end.Json.RawOutput + "\n");
        }
        else
        {
            Reporter.Tell(host.Streams, end.Error);
            return end.Json.ExitCode;
        }

        if (printed)
        {
            ForegroundJob.RecordCollected(plan.Store, plan.Job.Id, host.Time.GetUtcNow());
            return end.Json.ExitCode;
        }

        // The work is done and kept; only its delivery failed.
        var lost = new CommandError(
            "output-closed", $"The result could not be printed; it is kept in {plan.Store.Paths.JobFile(plan.Job.Id)}.", Hint: null, Retryable: false, ExitCodes.Failed);
        Reporter.Tell(host.Streams, lost);
        return end.Json.ExitCode == ExitCodes.Done ? lost.ExitCode : end.Json.ExitCode;
    }
}
