using CodexCompanion.Pipeline.Processes;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.Pipeline.AppServer;

/// <summary>Starts app-servers: spawns <c>codex app-server</c> and initialises it.</summary>
/// <param name="processes">Looks at processes.</param>
/// <param name="homes">Lets those of one CODEX_HOME start one after the other.</param>
/// <param name="time">The clock.</param>
public sealed class AppServerLauncher(IProcessTable processes, CodexHomeLock homes, TimeProvider time)
{
    /// <summary>Our name, as the server sees it.</summary>
    public const string ClientName = "codex-companion";

    // One start in many thousands dies of a busy database or a full process table; a second one a moment later does not.
    private const int Attempts = 2;
    private static readonly TimeSpan BeforeNextAttempt = TimeSpan.FromMilliseconds(150);

    private static readonly string ClientVersion = typeof(AppServerLauncher).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    private readonly ProcessTree _tree = new(processes);
    private readonly ProcessEnder _ender = new(processes, time);

    /// <summary>Starts one. It runs until it is stopped or dies; its descendants carry the instance's mark.</summary>
    /// <param name="codex">The codex to start.</param>
    /// <param name="callerEnvironment">The caller's environment; the server gets only what it needs of it.</param>
    /// <param name="instanceId">Marks the server and all it starts; used for no other server.</param>
    /// <param name="workingDirectory">Its working directory.</param>
    /// <param name="limits">Time limits.</param>
    /// <param name="receiver">Gets what it says by itself, from the very first line on.</param>
    /// <param name="cancellationToken">Gives up, with nothing left running, by an <see cref="OperationCanceledException"/>.</param>
    public async Task<AppServerStart> StartAsync(
        CodexBinary codex, IReadOnlyDictionary<string, string> callerEnvironment, string instanceId, string workingDirectory,
        TimeLimits limits, IRpcReceiver receiver, CancellationToken cancellationToken)
    {
        // Two starts before ours may each use up their time.
        using var turn = await homes.WaitAsync(callerEnvironment, limits.Initialize * 2, cancellationToken);
        var environment = AppServerEnvironment.Build(callerEnvironment, instanceId, codex.Package);
        var start = new ChildStart(codex.Path, [.. codex.LeadingArguments, "app-server"], environment, workingDirectory);
        for (var attempt = 1; ; attempt++)
        {
            switch (ChildProcess.Start(start, processes))
            {
                case ChildStartResult.Started { Child: var child }:
                    var server = TakeOver(child, instanceId, receiver, new SecretMask(environment));
                    if (await InitializeAsync(server, codex, limits.Initialize, cancellationToken) is { } answer)
                        return answer;
                    var last = (await server.Peer.Ended).Message;
                    if (attempt == Attempts)
                        return AppServerRefusal.Died(codex, last);
                    await Task.Delay(BeforeNextAttempt, time, cancellationToken);
                    break;
                case ChildStartResult.Failed { Reason: var reason }:
                    return AppServerRefusal.DoesNotStart(reason);
            }
        }
    }

    private AppServerProcess TakeOver(ChildProcess child, string instanceId, IRpcReceiver receiver, SecretMask mask)
    {
        // One that is dead already has no start time any more; an identity without it is never taken for anybody's.
        var identity = child.Identity ?? processes.Self with { Pid = child.Pid, StartTime = "" };
        return new AppServerProcess(child, identity, receiver, new AppServerEnding(instanceId, _tree, _ender, time), mask, time);
    }

    /// <returns>Null when it died meanwhile. It is stopped unless it is started.</returns>
    private static async Task<AppServerStart?> InitializeAsync(
        AppServerProcess server, CodexBinary codex, TimeSpan limit, CancellationToken cancellationToken)
    {
        AppServerStart? answer = null;
        try
        {
            answer = Judge(server, codex, await server.Peer.CallAsync("initialize", InitializeParams(), limit, cancellationToken));
            return answer;
        }
        catch (RpcTimeoutException e)
        {
            return AppServerRefusal.Silent(e.Message, server.LastWords);
        }
        catch (ConnectionLostException)
        {
            return null;
        }
        finally
        {
            if (answer is not AppServerStart.Started)
                await server.StopAsync();
        }
    }

    private static AppServerStart Judge(AppServerProcess server, CodexBinary codex, RpcReply reply)
    {
        if (reply.Error is { } error)
            return AppServerRefusal.Refused(error);

        var userAgent = RpcMembers.FindString(reply.Result.Span, "userAgent"u8) ?? "";
        var version = AppServerVersion.Read(userAgent);
        if (version is not null && version < AppServerVersion.Minimum)
            return AppServerRefusal.TooOld(codex, version);

        server.Info = new AppServerInfo(userAgent, version, RpcMembers.FindString(reply.Result.Span, "codexHome"u8), server.Identity);
        server.Peer.Notify("initialized");
        return new AppServerStart.Started(
            server, version is null ? $"The version of {codex.GivenPath} cannot be read from '{userAgent}'; it is used all the same." : null);
    }

    private static ReadOnlyMemory<byte> InitializeParams() => RpcJson.WriteObject(w =>
    {
        w.WriteStartObject("clientInfo"u8);
        w.WriteString("name"u8, ClientName);
        w.WriteString("title"u8, ClientName);
        w.WriteString("version"u8, ClientVersion);
        w.WriteEndObject();
        w.WriteStartObject("capabilities"u8);
        w.WriteBoolean("experimentalApi"u8, value: true);
        w.WriteEndObject();
    });
}
