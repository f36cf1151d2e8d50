using CodexCompanion.Pipeline;
using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Configuration;
using CodexCompanion.Tool.Jobs;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Commands;

/// <summary>A task that is ready to run: nothing was started yet, and nothing about its input is wrong.</summary>
/// <param name="Job">The job.</param>
/// <param name="Work">Its work.</param>
/// <param name="HandOver">After which time a run that is still going on is left to its worker; null for a run in this process.</param>
internal sealed record TaskPlan(JobPlan Job, TaskWork Work, TimeSpan? HandOver)
{
    /// <summary>Makes the plan, or says in one sentence what is wrong with the input.</summary>
    public static async Task<Attempt<TaskPlan>> MakeAsync(CommandCall call, ToolHost host)
    {
        var read = TaskArguments.Read(call.Options);
        if (read.Value is not { } arguments)
            return read.Error!;
        var directory = WorkingDirectory.Of(call, host);
        if (directory.Value is not { } cwd)
            return directory.Error!;
        var workspace = Workspace.Resolve(cwd);
        var loaded = SettingsLoader.Load(workspace.Root, host.Variables);
        if (loaded.Value is not { } settings)
            return loaded.Error!;
        if (StateRoot.Resolve(host.Variable) is not StateRoot.At root)
            return CommandError.NoStateRoot((StateRoot.Refused)StateRoot.Resolve(host.Variable));
        var prompt = PromptInput.Read(call, host);
        if (prompt.Value is null)
            return prompt.Error!;

        var store = host.OpenStore(host, workspace, root.Path);
        try
        {
            store.EnsureCreated();
            var thread = await ThreadToContinueAsync(arguments, store, host, settings.Limits);
            return thread.Error is null
                ? Of(host, store, cwd, Resolved.From(arguments, settings, call.Options), prompt.Value, thread.Value, arguments)
                : thread.Error;
        }
        catch (StateStoreException refused)
        {
            return CommandError.State(refused);
        }
    }

    private static async Task<Attempt<string>> ThreadToContinueAsync(
        TaskArguments arguments, IStateStore store, ToolHost host, TimeLimits limits)
    {
        if (!arguments.Resume)
            return new Attempt<string>(arguments.ThreadId, Error: null);
        if (await new JobReconciler(host, limits).FindAsync(store, host.SessionId, jobs => ResumeCandidate.Among(jobs, host.SessionId)) is not { ThreadId: { } thread } candidate)
            return CommandError.NothingMatched("No previous Codex task thread was found for this repository.");

        // Before anything is added to the thread: what its lost turn had brought is found as long as it is the last one.
        await new JobRecovery(host).TryAsync(store, candidate);
        return thread;
    }

    private static TaskPlan Of(
        ToolHost host, IStateStore store, string cwd, Resolved resolved, string prompt, string? threadId, TaskArguments arguments)
    {
        var jobId = JobIds.NewTaskId(host.Time);
        var request = new TurnRequest
        {
            JobId = jobId,
            Cwd = cwd,
            Prompt = prompt,
            ClientMessageId = Guid.NewGuid().ToString(),
            Sandbox = resolved.Sandbox,
            Model = resolved.Model,
            Effort = resolved.Effort,
            Config = resolved.Config,
            Environment = host.Variables,
            ThreadId = threadId,
            ThreadName = TaskWork.ThreadName(prompt, threadId),
        };
        var setup = new TurnRunSetup(store, resolved.Limits, resolved.NoBroker, resolved.CodexPath, host.SessionId, host.Variables)
        {
            ServerRequests = resolved.ServerRequests,
        };
        var work = new TaskWork(request, setup, arguments.Exclusive);
        var job = NewJob.Of(host, store, work, TaskWork.Kind.Name, work.Describe()) with
        {
            Title = threadId is null ? "Codex Task" : "Codex Resume",
            JobClass = "task",
            Summary = Excerpt.Of(prompt, 96),
        };
        return new TaskPlan(new JobPlan(store, job, work, resolved.Limits), work, arguments.HandOver);
    }
}
