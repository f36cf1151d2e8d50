using System.Text.Json;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Rpc;

namespace CodexCompanion.Pipeline.Turns;

/// <summary>A server's answer to a call.</summary>
/// <param name="Result">The result; undefined when there is an error.</param>
/// <param name="Error">The error; null when there is a result.</param>
internal readonly record struct CallAnswer(JsonElement Result, RpcError? Error);

/// <summary>
/// Calls that start something. "Overloaded" is answered before anything started, so the call is repeated a few times; an answer that means that
/// the server is no longer there for us, or none at all in time, is a lost connection.
/// </summary>
internal sealed class PatientCalls(IAppServerSession session, TimeLimits limits, TimeProvider time)
{
    // Doubling: together about eight seconds, after which a person should decide.
    private static readonly TimeSpan[] Delays =
        [.. new[] { 0.25, 0.5, 1, 2, 4 }.Select(TimeSpan.FromSeconds)];

    /// <summary>Calls a method.</summary>
    /// <param name="method">The method.</param>
    /// <param name="parameters">Its params.</param>
    /// <param name="stop">Ends the repeating; a call under way is waited for, since it may have started something.</param>
    /// <exception cref="ConnectionLostException">The server is gone, leaving, or mute.</exception>
    public async Task<CallAnswer> CallAsync(string method, ReadOnlyMemory<byte> parameters, CancellationToken stop)
    {
        for (var attempt = 0; ; attempt++)
        {
            var answer = await OnceAsync(method, parameters);
            if (answer.Error?.Code != RpcError.Overloaded || attempt >= Delays.Length || stop.IsCancellationRequested)
                return answer;
            await Task.Delay(Delays[attempt], time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stop.IsCancellationRequested)
                return answer;
        }
    }

    private async Task<CallAnswer> OnceAsync(string method, ReadOnlyMemory<byte> parameters)
    {
        try
        {
            return new CallAnswer(await session.CallAsync(method, parameters, limits.Call), Error: null);
        }
        catch (RpcErrorException e) when (e.Error.Code == RpcError.Draining)
        {
            throw new ConnectionLostException(new ConnectionLoss(LossKind.Busy, e.Error.Message));
        }
        catch (RpcErrorException e) when (e.Error.Code == RpcError.AppServerLost)
        {
            throw new ConnectionLostException(new ConnectionLoss(LossKind.AppServerDied, e.Error.Message));
        }
        catch (RpcErrorException e)
        {
            return new CallAnswer(default, e.Error);
        }
        catch (RpcTimeoutException e)
        {
            throw new ConnectionLostException(new ConnectionLoss(LossKind.Silent, e.Message));
        }
    }
}
