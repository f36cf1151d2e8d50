using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Rpc;

namespace CodexCompanion.Pipeline.Broker;

/// <summary>
/// Carries what app-servers say by themselves to whom it concerns: events to the thread's owner, requests to the thread's owner or else
/// to the policy, the end of an app-server to everybody who had a thread there.
/// </summary>
/// <param name="threads">Whose thread is whose.</param>
/// <param name="clients">Who is connected.</param>
/// <param name="policy">Answers what no owner does.</param>
/// <param name="log">The broker's log.</param>
/// <param name="onGone">Runs when an app-server and what carried its mark is gone; null for nothing.</param>
internal sealed class EventRouter(
    ThreadTable threads, ClientTable clients, IServerRequestPolicy policy, BrokerLog log, Func<Task>? onGone = null) : IAppServerEvents
{
    // An owner of ours answers by its own policy at once; the app-server must have its answer within about a second either way.
    private static readonly TimeSpan OwnerAnswers = TimeSpan.FromMilliseconds(900);

    public void OnNotification(AppServerSlot slot, RpcMessage message)
    {
        if (message.ThreadId is not { } threadId)
        {
            // Account, configuration, rate limits: of interest to all, of consequence to none.
            foreach (var client in clients.All)
                client.Send(message.Line, droppable: true);
            return;
        }

        var owner = threads.Route(slot, threadId, message);
        if (message.Method == "turn/completed" && threads.Find(threadId) is { } entry && entry.Slot == slot)
            EndTurn(entry, message, owner);
        else
            owner?.Send(message.Line, IsDelta(message.Method));
    }

    // Over before its owner hears of it, who may begin the next one, or let the thread go, in the same moment; and its owner hears of it before
    // whoever waits for its end, whose answer must not overtake it.
    private void EndTurn(ThreadEntry entry, RpcMessage message, ClientConnection? owner)
    {
        var ended = threads.EndTurn(entry, RpcMembers.FindNested(message.Params.Span, "turn"u8, "id"u8));
        entry.Slot.HasServed |= ended is not null;
        owner?.Send(message.Line);
        ended?.End();
    }

    public void OnServerRequest(AppServerSlot slot, RpcMessage message) => _ = AnswerAsync(slot, message);

    public void OnNoise(AppServerSlot slot, string problem) => log.Write($"app-server {slot.Generation} wrote a line that is no message: {problem}");

    public void OnEnded(AppServerSlot slot, ConnectionLoss loss)
    {
        var lost = threads.RemoveAll(slot);
        var parameters = BrokerJson.AppServerLostParams.ToBytes(new AppServerLostParams(loss.Message));
        foreach (var owner in lost.Select(t => t.Owner).OfType<ClientConnection>().Distinct())
            owner.Notify(BrokerProtocol.AppServerLost, parameters);
    }

    public Task OnGoneAsync(AppServerSlot slot) => onGone?.Invoke() ?? Task.CompletedTask;

    // Deltas repeat what the item's completion says in full; they may be dropped for a reader that is slow.
    private static bool IsDelta(string method) => method.EndsWith("elta", StringComparison.Ordinal);

    private async Task AnswerAsync(AppServerSlot slot, RpcMessage request)
    {
        var owner = request.ThreadId is { } threadId ? threads.Find(threadId)?.Owner : null;
        var answer = owner is null ? null : await owner.AskAsync(request, OwnerAnswers);
        if (answer is not null)
        {
            Answer(slot, request, answer.Result, answer.Error.IsEmpty ? null : RpcJson.ReadError(answer.Error));
            return;
        }

        var byPolicy = policy.Answer(request);
        Answer(slot, request, byPolicy.Result, byPolicy.Error);
        log.Write($"{request.Method}: {(owner is null ? "nobody to ask" : "its owner did not answer")}; the policy did");
        TellOfAnswer(request.ThreadId, owner, byPolicy.Sentence);
    }

    private static void Answer(AppServerSlot slot, RpcMessage request, ReadOnlyMemory<byte> result, RpcError? error)
    {
        if (error is not null)
            slot.Server.Peer.ReplyError(request.Id, error.Code, error.Message);
        else
            slot.Server.Peer.Reply(request.Id, result);
    }

    // What was answered belongs into the job's log, which its owner keeps. A question about no thread concerns whoever has a turn running.
    private void TellOfAnswer(string? threadId, ClientConnection? owner, string sentence)
    {
        var parameters = BrokerJson.AnsweredParams.ToBytes(new AnsweredParams(threadId, sentence));
        var concerned = owner is not null ? [owner]
            : threadId is null ? threads.Where(t => t.Turn is not null).Select(t => t.Owner).OfType<ClientConnection>().Distinct()
            : [];
        foreach (var client in concerned)
            client.Notify(BrokerProtocol.Answered, parameters);
    }
}
