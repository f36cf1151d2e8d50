using System.Text.Json;
using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Configuration;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Jobs;

/// <summary>The work of a task: one turn with the user's prompt.</summary>
internal sealed class TaskWork(TurnRequest request, TurnRunSetup setup, bool exclusive) : IJobWork
{
    /// <summary>The kind; "rescue" is the old runtime's word for a task.</summary>
    public static JobKind Kind { get; } = new("rescue", Rebuild);

    /// <inheritdoc/>
    public TurnRequest Turn { get; } = request;

    /// <inheritdoc/>
    public TurnRunSetup Setup { get; } = setup;

    /// <inheritdoc/>
    public bool Exclusive { get; } = exclusive;

    /// <inheritdoc/>
    public Task<Outcome> RunAsync(ITurnRun run, IRunObserver observer, CancellationToken stop) => run.RunAsync(Turn, observer, stop);

    /// <inheritdoc/>
    public JobEnd Conclude(Outcome outcome, RunFacts facts) => TaskEnding.Of(Turn, outcome, facts);

    /// <summary>What the job's record keeps of the work: all that <see cref="Kind"/> needs to make it again.</summary>
    public JsonElement Describe() => JsonText.Element(
        new TaskRequestJson(
            Turn.Prompt,
            Turn.Cwd,
            ConfigWords.Of(Turn.Sandbox),
            Turn.Model,
            Turn.Effort,
            Turn.ThreadId,
            Turn.Config,
            Setup.NoBroker,
            Setup.Limits.Turn?.TotalSeconds,
            Setup.Limits.Stall.TotalSeconds,
            Exclusive),
        ToolJson.Default.TaskRequestJson);

    /// <summary>The name a new thread gets.</summary>
    public static string? ThreadName(string prompt, string? threadId) =>
        threadId is null ? $"Codex Companion Task: {Excerpt.Of(prompt, 56)}" : null;

    private static Attempt<IJobWork> Rebuild(ToolHost host, IStateStore store, JobRecord job)
    {
        var read = RecordedRequest.Of(job);
        if (read.Value is not { } recorded)
            return read.Error!;
        if (recorded.Text("prompt") is not { } prompt || recorded.Text("cwd") is not { } cwd || !ConfigWords.TrySandbox(recorded.Text("sandbox"), out var sandbox))
            return RecordedRequest.Incomplete(job);
        var loaded = SettingsLoader.Load(store.Workspace.Root, host.Variables);
        if (loaded.Value is not { } settings)
            return loaded.Error!;

        var threadId = recorded.Text("threadId");
        var request = new TurnRequest
        {
            JobId = job.Id,
            Cwd = cwd,
            Prompt = prompt,
            ClientMessageId = job.ClientMessageId ?? Guid.NewGuid().ToString(),
            Sandbox = sandbox,
            Model = recorded.Text("model"),
            Effort = recorded.Text("effort"),
            Config = recorded.Members("config"),
            Environment = host.Variables,
            ThreadId = threadId,
            ThreadName = ThreadName(prompt, threadId),
        };
        var limits = settings.Limits with
        {
            Turn = recorded.Seconds("timeLimitSeconds"),
            Stall = recorded.Seconds("stallLimitSeconds") ?? settings.Limits.Stall,
        };
        var setup = new TurnRunSetup(store, limits, recorded.Flag("noBroker"), settings.CodexPath.Value, job.SessionId, host.Variables)
        {
            ServerRequests = settings.ServerRequests,
        };
        return new Attempt<IJobWork>(new TaskWork(request, setup, recorded.Flag(RecordedRequest.Exclusive)), Error: null);
    }
}
