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
internal sealed record TaskPlan(JobPlan Job, TaskWork Work)
{
    /// <summary>Makes the plan, or says in one sentence what is wrong with the input.</summary>
    public static Attempt<TaskPlan> Make(CommandCall call, ToolHost host)
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
            return CommandError.State(((StateRoot.Refused)StateRoot.Resolve(host.Variable)).Sentence);
        var prompt = PromptInput.Read(call, host);
        if (prompt.Value is null)
            return prompt.Error!;

        var store = host.OpenStore(host, workspace, root.Path);
        try
        {
            store.EnsureCreated();
            var thread = ThreadToContinue(arguments, store, host);
            return thread.Error is null
                ? Of(host, store, cwd, Resolved.From(arguments, settings, call.Options), prompt.Value, thread.Value)
                : thread.Error;
        }
        catch (StateStoreException refused)
        {
            return CommandError.State(refused.Message);
        }
    }

    private static Attempt<string> ThreadToContinue(TaskArguments arguments, IStateStore store, ToolHost host)
    {
        if (!arguments.Resume)
            return new Attempt<string>(arguments.ThreadId, Error: null);
        return ResumeCandidate.Among(LostJobs.MarkIn(store, host.Processes()), host.SessionId)?.ThreadId is { } thread
            ? thread
            : CommandError.NothingMatched("No previous Codex task thread was found for this repository.");
    }

    private static TaskPlan Of(
        ToolHost host, IStateStore store, string cwd, Resolved resolved, string prompt, string? threadId)
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
        var work = new TaskWork(host, request, setup, exclusive: false);
        var self = host.Processes().Self;
        var job = new JobRecord
        {
            Id = jobId,
            Kind = TaskWork.Kind.Name,
            KindLabel = TaskWork.Kind.Name,
            Title = threadId is null ? "Codex Task" : "Codex Resume",
            JobClass = "task",
            Summary = Excerpt.Of(prompt, 96),
            WorkspaceRoot = store.Workspace.Root,
            Cwd = cwd,
            Write = request.MayWrite,
            Sandbox = ConfigWords.Of(resolved.Sandbox),
            Model = resolved.Model,
            Effort = resolved.Effort,
            Status = JobStatus.Queued,
            Phase = "queued",
            ThreadId = threadId,
            ClientMessageId = request.ClientMessageId,
            SessionId = host.SessionId,
            Pid = self.Pid,
            Process = self,
            LogFile = store.Paths.JobLog(jobId),
            CreatedAt = host.Time.GetUtcNow(),
            Request = work.Describe(),
        };
        return new TaskPlan(new JobPlan(store, job, work, resolved.Limits), work);
    }
}
