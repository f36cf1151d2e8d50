using System.Collections.Concurrent;

namespace CodexCompanion.Pipeline.Broker;

/// <summary>The clients connected at the moment, and the Claude sessions that keep the broker.</summary>
internal sealed class ClientTable(TimeProvider? time = null)
{
    private readonly ConcurrentDictionary<int, ClientConnection> _clients = new();
    private readonly ConcurrentDictionary<string, bool> _sessions = new(StringComparer.Ordinal);
    private int _lastId;

    /// <summary>Clients that have introduced themselves.</summary>
    public IEnumerable<ClientConnection> All => _clients.Values.Where(c => c.Hello is not null);

    /// <summary>Open connections, introduced or not.</summary>
    public int Count => _clients.Count;

    /// <summary>Connections accepted so far.</summary>
    public int Accepted => Volatile.Read(ref _lastId);

    public IReadOnlyList<string> Sessions => [.. _sessions.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Whether a session was registered and all have been released since.</summary>
    public bool LastSessionReleased { get; private set; }

    public long Malformed { get; private set; }

    public ClientConnection Add(Stream stream)
    {
        var client = new ClientConnection(Interlocked.Increment(ref _lastId), stream, time);
        _clients[client.Id] = client;
        return client;
    }

    public void Remove(ClientConnection client)
    {
        if (_clients.TryRemove(client.Id, out _))
            Malformed += client.Malformed;
    }

    public void RegisterSession(string sessionId)
    {
        _sessions[sessionId] = true;
        LastSessionReleased = false;
    }

    public void ReleaseSession(string sessionId)
    {
        if (_sessions.TryRemove(sessionId, out _) && _sessions.IsEmpty)
            LastSessionReleased = true;
    }
}
