using CodexCompanion.Pipeline.Rpc;

namespace CodexCompanion.Pipeline.AppServer;

/// <summary>Hands what an app-server of our own says by itself to whoever listens, and answers its requests by policy.</summary>
/// <param name="policy">The policy.</param>
/// <param name="onNoise">Hears of lines that are no message; null for nobody.</param>
public sealed class DirectReceiver(IServerRequestPolicy policy, Action<string>? onNoise = null) : IRpcReceiver
{
    // A server asks nothing before it is initialised, and its peer is known by then: but a broken one might.
    private readonly TaskCompletionSource<RpcPeer> _peer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal Listeners<RpcMessage> Notifications { get; } = new();

    internal Listeners<string> Answers { get; } = new();

    /// <inheritdoc/>
    public void OnNotification(RpcMessage message) => Notifications.Tell(message);

    /// <inheritdoc/>
    public void OnRequest(RpcMessage message)
    {
        if (_peer.Task.IsCompletedSuccessfully)
            Answer(_peer.Task.Result, message);
        else
            _ = AnswerLaterAsync(message);
    }

    /// <inheritdoc/>
    public void OnNoise(string problem) => onNoise?.Invoke(problem);

    internal void AnswerTo(RpcPeer peer) => _peer.TrySetResult(peer);

    private async Task AnswerLaterAsync(RpcMessage message) => Answer(await _peer.Task, message);

    private void Answer(RpcPeer peer, RpcMessage message)
    {
        var answer = policy.Answer(message);
        if (answer.Error is { } error)
            peer.ReplyError(message.Id, error.Code, error.Message);
        else
            peer.Reply(message.Id, answer.Result);
        Answers.Tell(answer.Sentence);
    }
}
