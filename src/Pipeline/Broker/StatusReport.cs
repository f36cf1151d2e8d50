using System.Diagnostics;

namespace CodexCompanion.Pipeline.Broker;

/// <summary>Gathers what <see cref="BrokerProtocol.Status"/> answers.</summary>
internal static class StatusReport
{
    /// <summary>The broker as it is at this moment.</summary>
    /// <param name="lifetime">Its own life.</param>
    /// <param name="asking">Who asks; left out of the clients.</param>
    /// <param name="threads">The threads.</param>
    /// <param name="clients">The clients.</param>
    /// <param name="servers">The app-servers.</param>
    public static BrokerStatus Of(
        BrokerLifetime lifetime, ClientConnection asking, ThreadTable threads, ClientTable clients, AppServerSupervisor servers)
    {
        var others = clients.All.Where(c => c != asking).ToList();
        var loaded = threads.Where(_ => true);
        using var self = Process.GetCurrentProcess();
        return new BrokerStatus
        {
            InstanceId = lifetime.Record.InstanceId,
            State = lifetime.IsDraining ? "draining" : "ready",
            Pid = lifetime.Record.Process.Pid,
            ToolVersion = lifetime.Record.ToolVersion,
            Protocol = lifetime.Record.Protocol,
            Fingerprint = lifetime.Record.Fingerprint,
            StartedAt = lifetime.Record.StartedAt,
            UptimeSeconds = Math.Round(lifetime.Age.TotalSeconds, 1),
            IdleSeconds = Math.Round(lifetime.IdleFor.TotalSeconds, 1),
            Clients = others.Count,
            ClientList = [.. others.OrderBy(c => c.Id).Select(c => Describe(c, loaded))],
            ConnectionsAccepted = clients.Accepted,
            Turns = [.. loaded.Where(t => t.Turn is not null).Select(t => new BrokerTurn(t.Id, t.Turn?.TurnId, t.Turn?.JobId))],
            Threads = loaded.Count,
            QueuedBytes = others.Sum(c => c.QueuedBytes),
            DroppedDeltas = others.Sum(c => c.DroppedDeltas),
            MalformedLines = clients.Malformed + clients.All.Sum(c => (long)c.Malformed),
            Sessions = clients.Sessions,
            AppServerStarts = servers.Starts,
            AppServerRestarts = Math.Max(0, servers.Starts - 1),
            LastAppServerEnd = servers.LastEnd,
            MemoryBytes = self.WorkingSet64,
            AppServer = servers.Current is { } slot ? Describe(slot) : null,
            Endpoint = lifetime.Record.Endpoint,
            LogFile = lifetime.LogFile,
        };
    }

    private static BrokerClient Describe(ClientConnection client, List<ThreadEntry> loaded) => new(
        client.Id,
        client.Hello?.JobId,
        client.Hello?.SessionId,
        loaded.Count(t => t.Owner == client),
        client.OpenRequests,
        client.QueuedBytes,
        client.DroppedDeltas);

    private static AppServerStatus Describe(AppServerSlot slot) => new(
        slot.Server.Identity.Pid,
        slot.Server.Info.UserAgent,
        slot.Server.Info.Version?.ToString(),
        slot.Generation,
        slot.Server.Peer.PendingCalls,
        Memory.ResidentBytes(slot.Server.Identity.Pid));
}
