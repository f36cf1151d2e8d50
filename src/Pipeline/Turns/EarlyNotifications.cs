using CodexCompanion.Pipeline.Rpc;

namespace CodexCompanion.Pipeline.Turns;

/// <summary>
/// Notifications that cannot be placed yet, because the thread or turn they speak of is not known: kept in order, within bounds, the
/// oldest given up first.
/// </summary>
internal sealed class EarlyNotifications
{
    // Between a call and its answer a server sends a dozen; a server shared without a broker may be busy with other threads too.
    private const int MaxCount = 512;

    // One item may carry a whole diff; a few of them may wait.
    private const long MaxBytes = 16L * 1024 * 1024;

    private readonly Queue<RpcMessage> _waiting = new();
    private long _bytes;

    public void Add(RpcMessage message)
    {
        _waiting.Enqueue(message);
        _bytes += message.Line.Length;
        while (_waiting.Count > MaxCount || (_bytes > MaxBytes && _waiting.Count > 1))
            _bytes -= _waiting.Dequeue().Line.Length;
    }

    /// <summary>Takes out, in order, all that a condition holds for.</summary>
    public List<RpcMessage> Take(Func<RpcMessage, bool> belongs)
    {
        var taken = new List<RpcMessage>();
        for (var left = _waiting.Count; left > 0; left--)
        {
            var message = _waiting.Dequeue();
            if (belongs(message))
            {
                taken.Add(message);
                _bytes -= message.Line.Length;
            }
            else
            {
                _waiting.Enqueue(message);
            }
        }

        return taken;
    }
}
