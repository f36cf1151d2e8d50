using CodexCompanion.Pipeline.Broker;
using CodexCompanion.StateStore;
using CodexCompanion.Tool.Commands;

namespace CodexCompanion.Tool.Hooks;

/// <summary>
/// <c>hook session-end</c>: tells the brokers that the session no longer keeps them, and leaves. It ends no job, deletes nothing and writes
/// nothing: the host fires it on <c>/clear</c> and <c>/resume</c> as well, and gives it a second and a half.
/// </summary>
internal static class SessionEndHook
{
    /// <summary>Runs it.</summary>
    /// <param name="host">What it works with.</param>
    /// <param name="limit">What it may take.</param>
    public static async Task<HookAnswer> RunAsync(ToolHost host, TimeSpan limit)
    {
        var input = await HookInputReader.ReadAsync(host, limit / 2);

        // Of this very event's session, and no other's: after /clear the variables may name the next one already.
        if ((input.SessionId ?? host.SessionId) is not { } session || StateRoot.Resolve(host.Variable) is not StateRoot.At root)
            return HookAnswer.Nothing;
        await Task.WhenAll(BrokerRecords.Below(root.Path).Select(broker => SessionLease.ReleaseAsync(broker.Endpoint, session, limit)));
        return HookAnswer.Nothing;
    }
}
