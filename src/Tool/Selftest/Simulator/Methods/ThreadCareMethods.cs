using System.Text.Json.Nodes;
using CodexCompanion.Tool.Selftest.Simulator.Journal;
using CodexCompanion.Tool.Selftest.Simulator.Shapes;
using CodexCompanion.Tool.Selftest.Simulator.Threads;
using CodexCompanion.Tool.Selftest.Simulator.Wire;

namespace CodexCompanion.Tool.Selftest.Simulator.Methods;

/// <summary>Naming, listing, archiving, deleting and letting go of threads.</summary>
internal sealed class ThreadCareMethods(ServerContext server)
{
    private readonly ThreadShapes _shapes = new(server.Dialect, server.Home);

    public Answer List(JsonObject message)
    {
        var parameters = new Parameters(message["params"] as JsonObject ?? []);
        var archived = parameters.Flag("archived");
        var cwds = parameters.Json["cwd"] is JsonArray several
            ? [.. several.Select(c => c!.GetValue<string>())]
            : parameters.OptionalText("cwd") is { } one ? [one] : (string[]?)null;
        var kinds = (parameters.Json["sourceKinds"] as JsonArray)?.Select(k => k!.GetValue<string>()).ToArray();
        var term = parameters.OptionalText("searchTerm");
        var skip = int.TryParse(parameters.OptionalText("cursor"), out var cursor) ? cursor : 0;
        var limit = parameters.Number("limit") ?? 25;
        var found = server.Threads.AllRecorded()
            .Where(t => t.Archived == archived)
            .Where(t => cwds is null || Array.IndexOf(cwds, t.Info.Cwd) >= 0)
            .Where(t => kinds is not { Length: > 0 } || Array.IndexOf(kinds, t.Info.ParentThreadId is null ? "vscode" : "subAgent") >= 0)
            .Where(t => term is null || Matches(t, term))
            .OrderByDescending(t => t.Info.Id, StringComparer.Ordinal)
            .ToList();
        var page = found.Skip(skip).Take(limit)
            .Select(t => (JsonNode)(server.Threads.Find(t.Info.Id) is { } loaded ? _shapes.Of(loaded, false) : _shapes.Of(t, false)));
        var answer = new JsonObject { ["data"] = new JsonArray([.. page]) };
        if (server.Dialect.IsModern)
            answer["readStates"] = new JsonObject();
        answer["nextCursor"] = skip + limit < found.Count ? (skip + limit).ToString() : null;
        answer["backwardsCursor"] = null;
        return new Answer(answer);
    }

    public Answer ListLoaded() => new(new JsonObject
    {
        ["data"] = new JsonArray([.. server.Threads.Loaded.Select(t => (JsonNode)t.Id)]),
        ["nextCursor"] = null,
    });

    public Answer SetName(JsonObject message)
    {
        var parameters = Parameters.Of(message);
        var (id, name) = (parameters.ThreadId(), parameters.Text("name"));
        if (server.Threads.Find(id) is { } thread)
            thread.Rename(name);
        else
            RenameUnloaded(id, name);
        return Answer.Empty(() => server.Channel.Notify("thread/name/updated", new JsonObject { ["threadId"] = id, ["threadName"] = name }));
    }

    public async Task<Answer> ArchiveAsync(JsonObject message)
    {
        var id = Parameters.Of(message).ThreadId();
        var missing = $"no rollout found for thread id {id}";
        if (server.Threads.Find(id) is { } thread)
        {
            if (!thread.IsRecorded || thread.History.Info.Ephemeral)
                throw new RpcRefusalException(missing);
            await EndAsync(thread);
            thread.Archive();
            Unload(thread);
        }
        else
        {
            if (server.Threads.ReadRecorded(id, missing).Archived)
                throw new RpcRefusalException(missing);
            server.Threads.Append(id, RolloutLines.Archived(true));
        }

        return Answer.Empty(() => server.Channel.Notify("thread/archived", new JsonObject { ["threadId"] = id }));
    }

    public async Task<Answer> DeleteAsync(JsonObject message)
    {
        var id = Parameters.Of(message).ThreadId();
        if (server.Threads.Find(id) is { } thread)
        {
            await EndAsync(thread);
            Unload(thread);
        }
        else
        {
            server.Threads.ReadRecorded(id, $"no rollout found for thread id {id}");
        }

        server.Threads.Delete(id);
        return Answer.Empty(() => server.Channel.Notify("thread/deleted", new JsonObject { ["threadId"] = id }));
    }

    public Answer Unarchive(JsonObject message)
    {
        var id = Parameters.Of(message).ThreadId();
        var missing = $"no archived rollout found for thread id {id}";
        var history = server.Threads.ReadRecorded(id, missing);
        if (!history.Archived)
            throw new RpcRefusalException(missing);
        server.Threads.Append(id, RolloutLines.Archived(false));
        return new Answer(
            new JsonObject { ["thread"] = _shapes.Of(history, withTurns: false) },
            () => server.Channel.Notify("thread/unarchived", new JsonObject { ["threadId"] = id }));
    }

    public Answer Unsubscribe(JsonObject message)
    {
        var id = Parameters.Of(message).ThreadId();
        var status = "notLoaded";
        if (server.Threads.Find(id) is { } thread)
        {
            status = thread.Subscribed ? "unsubscribed" : "notSubscribed";
            thread.Subscribed = false;
        }

        return new Answer(new JsonObject { ["status"] = status });
    }

    public Answer CleanTerminals(JsonObject message)
    {
        if (!server.Experimental)
            throw new RpcRefusalException("thread/backgroundTerminals/clean requires experimentalApi capability");
        var thread = server.Threads.Get(Parameters.Of(message).ThreadId());
        return Answer.Empty(thread.Commands.EndAll);
    }

    private static async Task EndAsync(LoadedThread thread)
    {
        if (thread.Active is { } turn)
        {
            turn.Cut();
            await turn.Ended;
        }

        thread.Commands.EndAll();
    }

    private void Unload(LoadedThread thread)
    {
        server.Threads.Unload(thread);
        server.Journal.Write(JournalEvents.ThreadReleased, e => e with { ThreadId = thread.Id });
        server.Channel.Notify("thread/status/changed", new JsonObject
        {
            ["threadId"] = thread.Id,
            ["status"] = new JsonObject { ["type"] = "notLoaded" },
        });
    }

    private void RenameUnloaded(string id, string name)
    {
        if (!server.Dialect.IsModern)
            throw new RpcRefusalException($"thread not found: {id}");
        server.Threads.ReadRecorded(id, $"no rollout found for thread id {id}");
        server.Threads.Append(id, RolloutLines.Name(name));
    }

    private static bool Matches(ThreadHistory thread, string term) =>
        thread.Preview.Contains(term, StringComparison.OrdinalIgnoreCase)
        || (thread.Name?.Contains(term, StringComparison.OrdinalIgnoreCase) ?? false);
}
