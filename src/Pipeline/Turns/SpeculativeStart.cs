using System.Diagnostics.CodeAnalysis;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Rpc;

namespace CodexCompanion.Pipeline.Turns;

/// <summary>
/// A thread that is started while the configuration is still being read, as it must be where the user has no <c>[shell_environment_policy]</c>,
/// which few have: saves 3 ms of a warm task. It is taken if the configuration asks for just that, and let go without a turn if not.
/// </summary>
internal sealed class SpeculativeStart
{
    private readonly IAppServerSession _session;
    private readonly ReadOnlyMemory<byte> _parameters;
    private readonly Task<CallAnswer> _starting;
    private bool _isTaken;

    private SpeculativeStart(IAppServerSession session, ReadOnlyMemory<byte> parameters, Task<CallAnswer> starting) =>
        (_session, _parameters, _starting) = (session, parameters, starting);

    /// <summary>Starts the thread of a request.</summary>
    /// <returns>The start; null where the user's configuration seems to have such a policy, and for a thread to resume: resumed with the wrong
    /// environment it would keep it.</returns>
    public static SpeculativeStart? Begin(IAppServerSession session, PatientCalls calls, TurnRequest request, CancellationToken stop)
    {
        if (request.ThreadId is not null || MayHavePolicy(session.Info.CodexHome, request.Cwd))
            return null;
        var parameters = AppServerCalls.ThreadStart(request, ThreadConfig.For(request, resolved: default));
        return new SpeculativeStart(session, parameters, calls.CallAsync(AppServerMethods.ThreadStart, parameters, stop));
    }

    /// <summary>Takes the thread, if it is the very one that would be started now.</summary>
    /// <param name="parameters">Params of the <c>thread/start</c> that would be sent.</param>
    /// <param name="starting">The answer to the one that was.</param>
    public bool TryTake(ReadOnlyMemory<byte> parameters, [NotNullWhen(true)] out Task<CallAnswer>? starting)
    {
        _isTaken = parameters.Span.SequenceEqual(_parameters.Span);
        starting = _isTaken ? _starting : null;
        return _isTaken;
    }

    /// <summary>Lets its thread go, unless it was taken.</summary>
    public async Task LetGoAsync()
    {
        if (_isTaken)
            return;
        try
        {
            if ((await _starting).Result.Member("thread").Text("id") is { } threadId)
                _ = _session.ReleaseThreadAsync(threadId); // The session waits for it.
        }
        catch (ConnectionLostException)
        {
            // Its thread is gone with it.
        }
    }

    // A guess, which only saves time: the configuration that is read decides. An administrator's policy costs a second start each time.
    private static bool MayHavePolicy(string? codexHome, string cwd) =>
        codexHome is null
        || ConfigFiles(codexHome, cwd).Any(path => ConfigToml.Lines(path)?.Any(line => line.Contains(ThreadConfig.Policy, StringComparison.Ordinal)) ?? true);

    private static IEnumerable<string> ConfigFiles(string codexHome, string cwd)
    {
        yield return Path.Combine(codexHome, "config.toml");
        for (var folder = cwd; folder is not null; folder = Path.GetDirectoryName(folder))
            yield return Path.Combine(folder, ".codex", "config.toml");
    }
}
