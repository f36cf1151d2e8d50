using System.Text;
using System.Text.Json;
using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Json;
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

    /// <summary>What the job's record keeps of the work: all that <see cref="Kind"/> needs to make it again. The environment is not kept, it holds
    /// secrets.</summary>
    public JsonElement Describe() => JsonText.Object(writer => // By hand: every task waits for this, and a generated writer takes 0.7 ms to set up.
    {
        writer.WriteString("prompt"u8, Turn.Prompt);
        writer.WriteString("cwd"u8, Turn.Cwd);
        writer.WriteString("sandbox"u8, ConfigWords.Of(Turn.Sandbox));
        writer.Text("model"u8, Turn.Model);
        writer.Text("effort"u8, Turn.Effort);
        writer.Text("threadId"u8, Turn.ThreadId);
        writer.WriteStartObject("config"u8);
        foreach (var (key, value) in Turn.Config)
            writer.Any(Encoding.UTF8.GetBytes(key), value);
        writer.WriteEndObject();
        writer.WriteBoolean("noBroker"u8, Setup.NoBroker);
        if (Setup.Limits.Turn is { } limit)
            writer.WriteNumber("timeLimitSeconds"u8, limit.TotalSeconds);
        else
            writer.WriteNull("timeLimitSeconds"u8);
        writer.WriteNumber("stallLimitSeconds"u8, Setup.Limits.Stall.TotalSeconds);
        writer.WriteBoolean("exclusive"u8, Exclusive);
    });

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
