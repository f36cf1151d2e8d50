using System.Text.Json.Nodes;
using CodexCompanion.Tool.Selftest.Simulator.Journal;
using CodexCompanion.Tool.Selftest.Simulator.Shapes;
using CodexCompanion.Tool.Selftest.Simulator.Threads;
using CodexCompanion.Tool.Selftest.Simulator.Turns;
using CodexCompanion.Tool.Selftest.Simulator.Wire;

namespace CodexCompanion.Tool.Selftest.Simulator.Methods;

/// <summary>Starting, resuming, forking and reading threads.</summary>
internal sealed class ThreadMethods(ServerContext server)
{
    private const string Model = "simulated-model";

    private readonly ThreadShapes _shapes = new(server.Dialect, server.Home);

    public Answer Start(JsonObject message)
    {
        var parameters = Parameters.Of(message);
        var settings = Settings(parameters);
        var info = new ThreadInfo
        {
            Id = server.NewId(),
            Cwd = Path.GetFullPath(parameters.OptionalText("cwd") ?? Environment.CurrentDirectory),
            CreatedAt = server.NowMs / 1000,
            Model = parameters.OptionalText("model") ?? Model,
            Originator = server.ClientName ?? "",
            CliVersion = server.Dialect.Version,
            Ephemeral = parameters.Flag("ephemeral"),
        };
        var thread = server.Threads.Add(new ThreadHistory(info), settings);
        server.Journal.Write(JournalEvents.ThreadStarted, e => e with { ThreadId = thread.Id, Path = info.Cwd });
        return new Answer(_shapes.Opened(thread, withTurns: false), () => SayStarted(thread));
    }

    public Answer Resume(JsonObject message)
    {
        var parameters = Parameters.Of(message);
        var id = parameters.ThreadId();
        var withTurns = !parameters.Flag("excludeTurns");
        if (!server.Dialect.IsModern && !withTurns && !server.Experimental)
            throw new RpcRefusalException("thread/resume.excludeTurns requires experimentalApi capability");
        SayDeprecated(withTurns);
        server.Threads.RefuseArchived(id);
        var thread = server.Threads.Find(id);
        if (thread is { IsRecorded: false })
        {
            throw server.Dialect.IsModern && withTurns
                ? new RpcRefusalException(RpcRefusalException.NotSupported, "list_turns is not supported yet")
                : new RpcRefusalException($"no rollout found for thread id {id}");
        }

        if (thread is null)
        {
            thread = server.Threads.Resume(id, Settings(parameters));
            server.Channel.Notify("thread/status/changed", new JsonObject
            {
                ["threadId"] = id,
                ["status"] = ThreadShapes.LoadedStatus(active: false),
            });
        }

        thread.Subscribed = true;
        server.Journal.Write(JournalEvents.ThreadResumed, e => e with { ThreadId = id });
        var answer = _shapes.Opened(thread, withTurns);
        if (server.Dialect.IsModern)
        {
            answer["collaborationMode"] = null;
            answer["turnsBackwardsCursor"] = null;
            answer["itemsBackwardsCursor"] = null;
        }

        answer["initialTurnsPage"] = null;
        return new Answer(answer, () => SayResumed(thread));
    }

    public Answer Read(JsonObject message)
    {
        var parameters = Parameters.Of(message);
        var id = parameters.ThreadId();
        var withTurns = parameters.Flag("includeTurns");
        if (server.Threads.Find(id) is not { } thread)
            return Shown(_shapes.Of(server.Threads.ReadRecorded(id, $"thread not loaded: {id}"), withTurns), withTurns);
        if (withTurns && thread.History.Info.Ephemeral)
            throw new RpcRefusalException("ephemeral threads do not support includeTurns");
        if (withTurns && !thread.IsRecorded)
        {
            throw server.Dialect.IsModern
                ? new RpcRefusalException(RpcRefusalException.NotSupported, "list_turns is not supported yet")
                : new RpcRefusalException($"thread {id} is not materialized yet; includeTurns is unavailable before first user message");
        }

        return Shown(_shapes.Of(thread, withTurns), withTurns);
    }

    public Answer Fork(JsonObject message)
    {
        var parameters = Parameters.Of(message);
        var id = parameters.ThreadId();
        var source = server.Threads.ReadRecorded(id, $"no rollout found for thread id {id}");
        SayDeprecated(withTurns: true);
        var info = source.Info with { Id = server.NewId(), CreatedAt = server.NowMs / 1000, ForkedFromId = id, ParentThreadId = null };
        var history = new ThreadHistory(info) { Name = source.Name, TotalTokens = source.TotalTokens };
        history.Turns.AddRange(source.Turns);
        var thread = server.Threads.Add(history, Settings(parameters));
        thread.RecordAll();
        server.Journal.Write(JournalEvents.ThreadStarted, e => e with { ThreadId = thread.Id, Path = info.Cwd });
        return new Answer(_shapes.Opened(thread, withTurns: true), () =>
        {
            SayUsed(thread);
            SayStarted(thread);
        });
    }

    private static ThreadSettings Settings(Parameters parameters)
    {
        var config = parameters.Object("config");
        if (config?["profile"] is { } profile)
        {
            throw new RpcRefusalException(
                $"failed to load configuration: legacy `profile = \"{profile}\"` config is no longer supported; use `--profile` instead");
        }

        var approval = parameters.Json["approvalPolicy"] is JsonObject granular
            ? granular.DeepClone()
            : parameters.Choice("approvalPolicy", "untrusted", "on-request", "granular", "never") ?? "on-request";
        return new ThreadSettings(approval, SandboxShapes.Policy(Sandbox(parameters)), ShellEnvironment.From(config));
    }

    private static string Sandbox(Parameters parameters) =>
        parameters.Choice("sandbox", "read-only", "workspace-write", "danger-full-access") ?? "read-only";

    private Answer Shown(JsonObject thread, bool withTurns)
    {
        SayDeprecated(withTurns);
        var answer = new JsonObject { ["thread"] = thread };
        if (server.Dialect.IsModern)
            answer["readState"] = null;
        return new Answer(answer);
    }

    private void SayStarted(LoadedThread thread) =>
        server.Channel.Notify("thread/started", new JsonObject { ["thread"] = _shapes.Of(thread, withTurns: false) });

    private void SayResumed(LoadedThread thread)
    {
        SayUsed(thread);
        server.Channel.Notify("thread/goal/cleared", new JsonObject { ["threadId"] = thread.Id });
    }

    private void SayUsed(LoadedThread thread)
    {
        if (thread.Look((history, _) => history.Turns.LastOrDefault(t => t.Status is TurnStatus.Completed)) is { } turn)
            new TurnVoice(server, thread, turn).ThreadUsage(thread.History.TotalTokens);
    }

    private void SayDeprecated(bool withTurns)
    {
        if (!server.Dialect.IsModern || !withTurns)
            return;
        server.Channel.Notify("deprecationNotice", new JsonObject
        {
            ["summary"] = "Reading the whole history at once is deprecated.",
            ["details"] = null,
        });
    }
}
