using System.Text.Json;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.StateStore.Json;

namespace CodexCompanion.Pipeline.Broker;

/// <summary>
/// Answers a client's requests: the broker's own ones itself, all others by passing them on to an app-server under a fresh id. Knows
/// which calls claim a thread and which begin a turn.
/// </summary>
internal sealed class RequestDispatcher(
    BrokerLifetime lifetime, ThreadTable threads, ClientTable clients, AppServerSupervisor servers, TurnWarden warden)
{
    // A forwarded call has the caller's own time limit; this only keeps an abandoned one from living for ever.
    private static readonly TimeSpan ForwardLimit = TimeSpan.FromMinutes(5);

    public async Task HandleAsync(ClientConnection client, RpcMessage request)
    {
        try
        {
            if (request.Method == BrokerProtocol.Hello)
                Greet(client, request);
            else if (client.Hello is null)
                client.ReplyError(request.Id, new RpcError(RpcError.InvalidRequest, $"The first call must be {BrokerProtocol.Hello}."));
            else if (request.Method.StartsWith("broker/", StringComparison.Ordinal))
                await AnswerAsync(client, request);
            else
                await PassOnAsync(client, request);
        }
        catch (Exception e) when (e is JsonException or RpcTimeoutException or OperationCanceledException)
        {
            client.ReplyError(request.Id, new RpcError(RpcError.InvalidRequest, e.Message));
        }
        catch (ConnectionLostException e)
        {
            client.ReplyError(request.Id, new RpcError(RpcError.AppServerLost, e.Message));
        }

        // It went away while this was under way: what it took or began after its end was cleaned up is cleaned up now.
        if (client.IsGone)
            await warden.AbandonAsync(client);
    }

    private void Greet(ClientConnection client, RpcMessage request)
    {
        var hello = Read(request, BrokerJson.HelloParams);
        client.Hello = hello;
        if (hello.JobId is not null)
            lifetime.NoteUse();
        if (hello.SessionId is { Length: > 0 } session)
            clients.RegisterSession(session);
        var answer = lifetime.Describe(hello.Cookie ?? "", threads.CountTurns(), servers.Current);
        client.Reply(request.Id, BrokerJson.HelloResult.ToBytes(answer));
    }

    private async Task AnswerAsync(ClientConnection client, RpcMessage request)
    {
        switch (request.Method)
        {
            case BrokerProtocol.Status:
                client.Reply(request.Id, BrokerStatusFormat.Instance.ToBytes(StatusReport.Of(lifetime, client, threads, clients, servers)));
                break;

            case BrokerProtocol.Drain:
                var drain = Read(request, BrokerJson.DrainParams);
                lifetime.BeginDraining(drain.Reason);
                if (drain.StopTurns)
                    await Task.WhenAll(threads.Where(t => t.Turn is not null && t.Parent is null).Select(t => warden.StopAsync(t, jobId: null)));
                client.Reply(request.Id, BrokerJson.DrainResult.ToBytes(new DrainResult(threads.CountTurns())));
                break;

            case BrokerProtocol.StopTurn:
                var stop = Read(request, BrokerJson.ThreadParams);
                var proof = threads.Find(stop.ThreadId) is { } running
                    ? await warden.StopAsync(running, stop.JobId)
                    : new Turns.StopProof(InterruptSent: false, TurnEnded: true, [], "The thread is not loaded here.");
                client.Reply(request.Id, BrokerJson.StopTurnResult.ToBytes(
                    new StopTurnResult(proof.InterruptSent, proof.TurnEnded, proof.ProcessesLeft, proof.Detail)));
                break;

            case BrokerProtocol.TurnActive:
                var asked = Read(request, BrokerJson.ThreadParams);
                var active = threads.Find(asked.ThreadId)?.Turn is not null;
                client.Reply(request.Id, BrokerJson.TurnActiveResult.ToBytes(new TurnActiveResult(active)));
                break;

            case BrokerProtocol.ReleaseThread:
                var released = Read(request, BrokerJson.ThreadParams);
                if (threads.Find(released.ThreadId) is { IsLeaving: false } loaded
                    && (loaded.Owner is null || loaded.Owner == client || loaded.Owner.IsGone))
                    await warden.ReleaseAsync(loaded);
                else
                    await warden.WaitForReleaseAsync(released.ThreadId);
                client.Reply(request.Id, RpcJson.EmptyObject);
                break;

            case BrokerProtocol.ReleaseSession:
                clients.ReleaseSession(Read(request, BrokerJson.SessionParams).SessionId);
                client.Reply(request.Id, RpcJson.EmptyObject);
                break;

            default:
                client.ReplyError(request.Id, new RpcError(RpcError.MethodNotFound, $"This broker does not know '{request.Method}'."));
                break;
        }
    }

    private async Task PassOnAsync(ClientConnection client, RpcMessage request)
    {
        if (request.Method == "initialize")
        {
            client.ReplyError(request.Id, new RpcError(RpcError.InvalidRequest, "Already initialized"));
            return;
        }

        var startsWork = request.Method is "thread/start" or "thread/resume" or "thread/fork" or "turn/start" or "review/start";
        if (startsWork && lifetime.IsDraining && !OwnsThread(client, request))
        {
            client.ReplyError(request.Id, new RpcError(RpcError.Draining, "The broker is draining and takes no new work."));
            return;
        }

        // What a vanished client left may still be cleared away: a thread resumed before it is free would be unloaded under its new owner.
        if (startsWork && request.ThreadId is { } wanted)
            await warden.WaitForReleaseAsync(wanted);

        var known = request.ThreadId is { } id ? threads.Find(id) : null;
        var slot = known is { Slot.IsAlive: true } ? known.Slot : await SlotForNewWorkAsync(client, request);
        if (slot is null)
            return;

        switch (request.Method)
        {
            case "thread/start" or "thread/fork":
                await StartThreadAsync(client, request, slot);
                break;
            case "thread/resume":
                if (ClaimOrRefuse(client, request, slot) is { } resumed)
                    await ResumeThreadAsync(client, request, resumed);
                break;
            case "turn/start" or "review/start":
                if (ClaimOrRefuse(client, request, slot) is { } entry)
                    await StartTurnAsync(client, request, entry);
                break;
            default:
                await ForwardAsync(client, request, slot);
                break;
        }
    }

    private bool OwnsThread(ClientConnection client, RpcMessage request) =>
        request.ThreadId is { } id && threads.Find(id)?.Owner == client;

    private async Task<AppServerSlot?> SlotForNewWorkAsync(ClientConnection client, RpcMessage request)
    {
        var (slot, failure) = await servers.GetAsync(client.Gone);
        if (slot is null)
        {
            client.ReplyError(request.Id, new RpcError(RpcError.AppServerLost, failure?.Message ?? "The app-server could not be started."));
            if (servers.KeepsDying)
                lifetime.BeginDraining("the app-server keeps dying");
        }
        else
        {
            lifetime.PublishAppServer(slot);
        }

        return slot;
    }

    private ThreadEntry? ClaimOrRefuse(ClientConnection client, RpcMessage request, AppServerSlot slot)
    {
        if (request.ThreadId is not { } id)
        {
            client.ReplyError(request.Id, new RpcError(RpcError.InvalidRequest, "Invalid request: missing field `threadId`"));
            return null;
        }

        var entry = threads.Claim(id, slot, client);
        if (entry is null)
            client.ReplyError(request.Id, new RpcError(RpcError.ThreadInUse, $"Thread {id} is in use by another client of the broker."));
        return entry;
    }

    private async Task StartThreadAsync(ClientConnection client, RpcMessage request, AppServerSlot slot)
    {
        threads.Expect();
        try
        {
            await CallAsync(slot, request, reply =>
            {
                if (RpcMembers.FindNested(reply.Result.Span, "thread"u8, "id"u8) is { } id && threads.Claim(id, slot, client, started: true) is { } entry)
                {
                    entry.IsUnused = request.Method == AppServerMethods.ThreadStart; // A fork begins with somebody's history.
                    TellServer(client, entry);
                }

                Pass(client, request, reply);
            });
        }
        finally
        {
            threads.ExpectNoMore();
        }
    }

    private async Task ResumeThreadAsync(ClientConnection client, RpcMessage request, ThreadEntry entry)
    {
        TellServer(client, entry);
        await CallAsync(entry.Slot, request, reply =>
        {
            // A thread that was not resumed is not ours: another process may be writing to it.
            if (reply.Error is not null && entry.Turn is null)
                threads.Remove(entry);
            Pass(client, request, reply);
        });
    }

    private static void TellServer(ClientConnection client, ThreadEntry entry) => client.Notify(
        BrokerProtocol.ThreadServer,
        BrokerJson.ThreadServerParams.ToBytes(new ThreadServerParams(entry.Id, entry.Slot.Server.Identity)));

    private async Task StartTurnAsync(ClientConnection client, RpcMessage request, ThreadEntry entry)
    {
        if (threads.BeginTurn(entry, client.Hello?.JobId) is not { } turn)
        {
            client.ReplyError(request.Id, new RpcError(RpcError.ThreadInUse, $"Thread {entry.Id} has a turn running already."));
            return;
        }

        try
        {
            await CallAsync(entry.Slot, request, reply =>
            {
                if (reply.Error is not null)
                    threads.EndTurn(entry, turn.TurnId)?.End();
                else
                    turn.TurnId = RpcMembers.FindNested(reply.Result.Span, "turn"u8, "id"u8);
                Pass(client, request, reply);
            });
        }
        catch (RpcTimeoutException)
        {
            // Whether it runs is not known; stopping it makes sure it does not.
            await warden.StopAsync(entry, jobId: null);
            throw;
        }

        // Its owner went away while the call was on its way, before there was a turn to stop.
        if (client.IsGone && entry.Turn == turn)
            await warden.StopAsync(entry, jobId: null);
    }

    private static Task ForwardAsync(ClientConnection client, RpcMessage request, AppServerSlot slot) =>
        CallAsync(slot, request, reply => Pass(client, request, reply));

    // Answers are passed on where they are read: what the app-server says after an answer must not overtake it on the way to the client.
    private static Task CallAsync(AppServerSlot slot, RpcMessage request, Action<RpcReply> onAnswer) =>
        slot.Server.Peer.CallAsync(request.Method, request.Params, ForwardLimit, onAnswer);

    private static void Pass(ClientConnection client, RpcMessage request, RpcReply reply)
    {
        if (reply.Error is null)
            client.Reply(request.Id, reply.Result);
        else
            client.ReplyRawError(request.Id, reply.RawError);
    }

    private static T Read<T>(RpcMessage request, JsonFormat<T> format)
        where T : class =>
        request.Params.IsEmpty ? throw new JsonException("params are missing") : format.Read(request.Params);
}
