using System.Globalization;
using System.Text;
using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Commands;

/// <summary><c>broker status</c>: what the broker of this workspace does at the moment.</summary>
internal static class BrokerStatusCommand
{
    /// <summary>The command.</summary>
    public static CommandSpec Spec { get; } = new("status", "Show the broker of this workspace.")
    {
        Run = RunAsync,
        Examples = ["codex-companion broker status", "codex-companion broker status --json --cwd ../other"],
    };

    private static async Task<int> RunAsync(CommandCall call, ToolHost host)
    {
        var reached = await BrokerReaching.ReachAsync(call, host);
        if (reached.Value is not { } broker)
            return Reporter.Fail(host.Streams, reached.Error!, call.Json);
        if (broker.Connection is not { } connection)
            return Absent(call, host, broker);

        await using (connection)
        {
            try
            {
                var reply = await connection.Peer.CallAsync(BrokerProtocol.Status, RpcJson.EmptyObject, broker.Limits.Handshake);
                var status = BrokerStatusFormat.Instance.Read(reply.Result);
                var shown = new BrokerStatusJson(Running: true, broker.Store.Workspace.Root, Problem: null, status);
                Reporter.TryPrint(host.Streams, call.Json ? JsonText.Line(shown, ToolJson.Default.BrokerStatusJson) + "\n" : Text(shown));
                return ExitCodes.Done;
            }
            catch (Exception e) when (e is RpcTimeoutException or ConnectionLostException)
            {
                return Absent(call, host, broker with { Connection = null, WhyNot = e.Message });
            }
        }
    }

    private static int Absent(CommandCall call, ToolHost host, BrokerReaching broker)
    {
        var shown = new BrokerStatusJson(Running: false, broker.Store.Workspace.Root, broker.WhyNot, Broker: null);
        var text = broker.WhyNot is null
            ? "No broker runs in this workspace; the next task starts one.\n"
            : $"No broker answers in this workspace: {broker.WhyNot} {(broker.IsLeftAlone ? "Tasks run without it; `codex-companion doctor` says more." : "The next task puts that right.")}\n";
        Reporter.TryPrint(host.Streams, call.Json ? JsonText.Line(shown, ToolJson.Default.BrokerStatusJson) + "\n" : text);
        return ExitCodes.Done;
    }

    private static string Text(BrokerStatusJson shown)
    {
        var broker = shown.Broker!;
        var text = new StringBuilder();
        Row("broker", $"{broker.InstanceId}, {broker.State}, pid {broker.Pid}, tool {broker.ToolVersion}, up {Uptime(broker.UptimeSeconds)}, idle {Uptime(broker.IdleSeconds)}, {Mebibytes(broker.MemoryBytes)}");
        Row("workspace", shown.Workspace);
        Row("app-server", broker.AppServer is { } server
            ? $"pid {server.Pid}, version {server.Version ?? "unknown"} ({server.UserAgent}), {(server.MemoryBytes is { } bytes ? Mebibytes(bytes) : "memory unknown")}, {server.PendingCalls} calls pending"
            : "none (the next request starts one)");
        Row("restarts", broker.AppServerRestarts.ToString(CultureInfo.InvariantCulture) + (broker.LastAppServerEnd is { } why ? $"; the last one: {why}" : ""));
        Row("clients", $"{broker.Clients}, {broker.Threads} threads, {broker.Turns.Count} turns running, {broker.ConnectionsAccepted} connections since its start");
        foreach (var client in broker.ClientList)
            Row("", $"{client.JobId ?? "no job"}: {client.Threads} threads, {client.OpenRequests} requests open, {client.QueuedBytes} bytes queued, {client.DroppedDeltas} deltas dropped");
        foreach (var turn in broker.Turns)
            Row("", $"{turn.JobId ?? "no job"}: turn {turn.TurnId ?? "(starting)"} of thread {turn.ThreadId}");
        Row("queued", $"{broker.QueuedBytes} bytes, {broker.DroppedDeltas} deltas dropped, {broker.MalformedLines} malformed lines");
        Row("sessions", broker.Sessions.Count == 0 ? "none" : string.Join(", ", broker.Sessions));
        Row("endpoint", broker.Endpoint);
        Row("log", broker.LogFile);
        return text.ToString();

        void Row(string name, string value) => text.Append(name.PadRight(12)).Append(value).Append('\n');
    }

    private static string Uptime(double seconds) => seconds < 3600
        ? $"{(int)seconds / 60}m {(int)seconds % 60}s"
        : $"{(int)seconds / 3600}h {(int)seconds / 60 % 60}m";

    private static string Mebibytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0} MiB");
}
