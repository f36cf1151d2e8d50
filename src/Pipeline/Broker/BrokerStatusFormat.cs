using System.Text.Json;
using CodexCompanion.StateStore.Json;

namespace CodexCompanion.Pipeline.Broker;

/// <summary>The answer to <see cref="BrokerProtocol.Status"/> as JSON.</summary>
public static class BrokerStatusFormat
{
    /// <summary>The format.</summary>
    public static JsonFormat<BrokerStatus> Instance { get; } = new(Read, Write);

    private static JsonFormat<BrokerTurn> Turn { get; } = new(
        m => new(m.RequiredText("threadId"), m.Text("turnId"), m.Text("jobId")),
        (w, turn) =>
        {
            w.Text("threadId"u8, turn.ThreadId);
            w.Text("turnId"u8, turn.TurnId);
            w.Text("jobId"u8, turn.JobId);
        });

    private static JsonFormat<AppServerStatus> AppServer { get; } = new(
        m => new(
            m.RequiredInteger("pid"),
            m.RequiredText("userAgent"),
            m.Text("version"),
            m.RequiredInteger("generation"),
            m.Integer("pendingCalls") ?? 0,
            m.LongInteger("memoryBytes")),
        (w, server) =>
        {
            w.Number("pid"u8, server.Pid);
            w.Text("userAgent"u8, server.UserAgent);
            w.Text("version"u8, server.Version);
            w.Number("generation"u8, server.Generation);
            w.Number("pendingCalls"u8, server.PendingCalls);
            w.Number("memoryBytes"u8, server.MemoryBytes);
        });

    private static JsonFormat<BrokerClient> Client { get; } = new(
        m => new(
            m.RequiredInteger("id"),
            m.Text("jobId"),
            m.Text("sessionId"),
            m.Integer("threads") ?? 0,
            m.Integer("openRequests") ?? 0,
            m.LongInteger("queuedBytes") ?? 0,
            m.LongInteger("droppedDeltas") ?? 0),
        (w, client) =>
        {
            w.Number("id"u8, client.Id);
            w.Text("jobId"u8, client.JobId);
            w.Text("sessionId"u8, client.SessionId);
            w.Number("threads"u8, client.Threads);
            w.Number("openRequests"u8, client.OpenRequests);
            w.Number("queuedBytes"u8, client.QueuedBytes);
            w.Number("droppedDeltas"u8, client.DroppedDeltas);
        });

    private static BrokerStatus Read(JsonMembers m) => new()
    {
        InstanceId = m.RequiredText("instanceId"),
        State = m.RequiredText("state"),
        Pid = m.RequiredInteger("pid"),
        ToolVersion = m.RequiredText("toolVersion"),
        Protocol = m.Integer("protocol") ?? 0,
        Fingerprint = m.Text("fingerprint") ?? "",
        StartedAt = m.RequiredTime("startedAt"),
        UptimeSeconds = m.Number("uptimeSeconds") ?? 0,
        IdleSeconds = m.Number("idleSeconds") ?? 0,
        Clients = m.Integer("clients") ?? 0,
        ClientList = m.Objects("clientList", Client) ?? [],
        ConnectionsAccepted = m.Integer("connectionsAccepted") ?? 0,
        Turns = m.Objects("turns", Turn) ?? [],
        Threads = m.Integer("threads") ?? 0,
        QueuedBytes = m.LongInteger("queuedBytes") ?? 0,
        DroppedDeltas = m.LongInteger("droppedDeltas") ?? 0,
        MalformedLines = m.LongInteger("malformedLines") ?? 0,
        Sessions = m.Texts("sessions") ?? [],
        AppServerStarts = m.Integer("appServerStarts") ?? 0,
        AppServerRestarts = m.Integer("appServerRestarts") ?? 0,
        LastAppServerEnd = m.Text("lastAppServerEnd"),
        MemoryBytes = m.LongInteger("memoryBytes") ?? 0,
        AppServer = m.Object("appServer", AppServer),
        Endpoint = m.RequiredText("endpoint"),
        LogFile = m.RequiredText("logFile"),
    };

    private static void Write(Utf8JsonWriter w, BrokerStatus status)
    {
        w.Text("instanceId"u8, status.InstanceId);
        w.Text("state"u8, status.State);
        w.Number("pid"u8, status.Pid);
        w.Text("toolVersion"u8, status.ToolVersion);
        w.Number("protocol"u8, status.Protocol);
        w.Text("fingerprint"u8, status.Fingerprint);
        w.Time("startedAt"u8, status.StartedAt);
        w.WriteNumber("uptimeSeconds"u8, status.UptimeSeconds);
        w.WriteNumber("idleSeconds"u8, status.IdleSeconds);
        w.Number("clients"u8, status.Clients);
        w.Objects("clientList"u8, status.ClientList, Client);
        w.Number("connectionsAccepted"u8, status.ConnectionsAccepted);
        w.Objects("turns"u8, status.Turns, Turn);
        w.Number("threads"u8, status.Threads);
        w.Number("queuedBytes"u8, status.QueuedBytes);
        w.Number("droppedDeltas"u8, status.DroppedDeltas);
        w.Number("malformedLines"u8, status.MalformedLines);
        w.Texts("sessions"u8, status.Sessions);
        w.Number("appServerStarts"u8, status.AppServerStarts);
        w.Number("appServerRestarts"u8, status.AppServerRestarts);
        w.Text("lastAppServerEnd"u8, status.LastAppServerEnd);
        w.Number("memoryBytes"u8, status.MemoryBytes);
        w.Object("appServer"u8, status.AppServer, AppServer);
        w.Text("endpoint"u8, status.Endpoint);
        w.Text("logFile"u8, status.LogFile);
    }
}
