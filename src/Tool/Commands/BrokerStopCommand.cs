using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Commands;

/// <summary><c>broker stop</c>: has the broker of this workspace finish what runs and exit.</summary>
internal static class BrokerStopCommand
{
    private static readonly OptionSpec StopTurns = new(
        "stop-turns", OptionArity.Flag, "Stop running turns too, instead of letting them finish.");

    // Without turns a broker is gone in a moment: its app-server ends within 40 ms of its stdin.
    private static readonly TimeSpan GoneWithin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(20);

    /// <summary>The command.</summary>
    public static CommandSpec Spec { get; } = new("stop", "Let the broker of this workspace finish what runs, and exit.")
    {
        Options = [StopTurns],
        Run = RunAsync,
        Examples = ["codex-companion broker stop", "codex-companion broker stop --stop-turns"],
    };

    private static async Task<int> RunAsync(CommandCall call, ToolHost host)
    {
        var reached = await BrokerReaching.ReachAsync(call, host);
        if (reached.Value is not { } broker)
            return Reporter.Fail(host.Streams, reached.Error!, call.Json);
        if (broker.Connection is not { } connection)
        {
            if (broker.IsLeftAlone)
                return Reporter.Fail(host.Streams, NotStopped(broker.WhyNot!), call.Json);
            var nothing = broker.WhyNot is null ? "No broker runs in this workspace." : $"No broker answers in this workspace: {broker.WhyNot}";
            return Say(call, host, new BrokerStopJson(Stopped: broker.WhyNot is null, ActiveTurns: 0, nothing), ExitCodes.Done);
        }

        await using (connection)
        {
            try
            {
                var drain = await connection.CallAsync(
                    BrokerProtocol.Drain,
                    new DrainParams("broker stop", call.Options.Has(StopTurns)),
                    BrokerJson.DrainParams,
                    BrokerJson.DrainResult,
                    broker.Limits.Cancel);
                return drain.ActiveTurns > 0
                    ? Say(
                        call, host, new BrokerStopJson(Stopped: false, drain.ActiveTurns, $"The broker takes nothing new and exits when its {drain.ActiveTurns} running turn(s) have ended."), ExitCodes.StillRunning)
                    : await WaitAsync(call, host, connection.Hello.Process);
            }
            catch (Exception e) when (e is RpcTimeoutException or ConnectionLostException or RpcErrorException)
            {
                var error = new CommandError("busy", $"The broker did not answer: {e.Message}", Hint: null, Retryable: true, ExitCodes.Busy);
                return Reporter.Fail(host.Streams, error, call.Json);
            }
        }
    }

    private static async Task<int> WaitAsync(CommandCall call, ToolHost host, ProcessIdentity process)
    {
        var processes = host.Processes();
        var begun = host.Time.GetTimestamp();
        while (processes.Look(process) == ProcessPresence.Same)
        {
            if (host.Time.GetElapsedTime(begun) > GoneWithin)
                return Say(call, host, new BrokerStopJson(Stopped: false, ActiveTurns: 0, $"The broker (pid {process.Pid}) is still exiting."), ExitCodes.StillRunning);
            await Task.Delay(LookAgain, host.Time);
        }

        return Say(call, host, new BrokerStopJson(Stopped: true, ActiveTurns: 0, "The broker has exited."), ExitCodes.Done);
    }

    private static CommandError NotStopped(string why) => new(
        "busy",
        $"The broker could not be asked, and it was not stopped: {why}",
        "codex-companion doctor says more; doctor --force stops one that does not answer.",
        Retryable: true,
        ExitCodes.Busy);

    private static int Say(CommandCall call, ToolHost host, BrokerStopJson said, int exitCode)
    {
        Reporter.TryPrint(host.Streams, call.Json ? JsonText.Line(said, ToolJson.Default.BrokerStopJson) + "\n" : said.Message + "\n");
        return exitCode;
    }
}
