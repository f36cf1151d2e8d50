using System.Collections.Concurrent;
using System.Text;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.StateStore.Disk;

namespace CodexCompanion.Pipeline.Broker;

/// <summary>
/// Unloads a thread from an app-server, so that any other process can resume it at once. Archiving it and bringing it back does that
/// (17 ms; unsubscribing does not). A small journal beside the log remembers a thread between the two calls: if the broker dies there, the
/// next one brings the thread back.
/// </summary>
internal sealed class ThreadReleaser(string journalFile, TimeLimits limits, BrokerLog log)
{
    // Far longer than it takes: one that is still under way then is stuck with its app-server, which is about to be ended anyway.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _journal = new(1);
    private readonly ConcurrentDictionary<Task, AppServerProcess> _underWay = new();

    /// <summary>Unloads a thread. Servers without these calls and ephemeral threads answer with errors: then there is nothing to let
    /// go.</summary>
    public async Task ReleaseAsync(AppServerProcess server, string threadId)
    {
        var release = UnloadAsync(server, threadId);
        _underWay[release] = server;
        try
        {
            await release;
        }
        finally
        {
            _underWay.TryRemove(release, out _);
        }
    }

    /// <summary>Waits, for a moment, until no thread of an app-server is between the two calls: if it ended there, the thread would stay archived until
    /// the next broker comes.</summary>
    /// <param name="server">The app-server that is to end; null for all.</param>
    public async Task FinishAsync(AppServerProcess? server = null) =>
        await Task.WhenAll(_underWay.Where(release => server is null || release.Value == server).Select(release => release.Key))
            .WaitAsync(Patience)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async Task UnloadAsync(AppServerProcess server, string threadId)
    {
        try
        {
            await NoteAsync('+', threadId);
            var archived = await server.Peer.CallAsync(AppServerMethods.ThreadArchive, AppServerCalls.Thread(threadId), limits.Call);
            if (archived.Error is null)
                await BringBackAsync(server.Peer, threadId);
            await NoteAsync('-', threadId);
        }
        catch (Exception e) when (e is ConnectionLostException or RpcTimeoutException)
        {
            log.Write($"thread {threadId} was not let go: {e.Message}");
        }
    }

    /// <summary>Unloads a thread that never had a turn, without a trace: archived, it would be an empty one in the user's history. A server without
    /// this call keeps it until it ends.</summary>
    public async Task DiscardAsync(AppServerProcess server, string threadId)
    {
        try
        {
            await server.Peer.CallAsync(AppServerMethods.ThreadDelete, AppServerCalls.Thread(threadId), limits.Call);
        }
        catch (Exception e) when (e is ConnectionLostException or RpcTimeoutException)
        {
            log.Write($"unused thread {threadId} was not let go: {e.Message}");
        }
    }

    /// <summary>Brings back what an earlier broker archived and did not bring back.</summary>
    public async Task MendAsync(AppServerProcess server)
    {
        foreach (var threadId in await ReadOpenAsync())
        {
            try
            {
                log.Write($"thread {threadId} was left archived by an earlier broker; it is brought back");
                await BringBackAsync(server.Peer, threadId);
                await NoteAsync('-', threadId);
            }
            catch (Exception e) when (e is ConnectionLostException or RpcTimeoutException)
            {
                return; // The next broker tries again.
            }
        }
    }

    private async Task BringBackAsync(RpcPeer peer, string threadId)
    {
        var answer = await peer.CallAsync(AppServerMethods.ThreadUnarchive, AppServerCalls.Thread(threadId), limits.Call);
        if (answer.Error is { } error)
            log.Write($"thread {threadId} could not be brought back: {error.Message}");
    }

    private async Task NoteAsync(char sign, string threadId)
    {
        await _journal.WaitAsync();
        try
        {
            NativeDisk.Instance.Append(journalFile, Encoding.UTF8.GetBytes($"{sign}{threadId}\n")); // Privately, as everything of the state.
            if (sign == '-' && new FileInfo(journalFile) is { Length: > 64 * 1024 } && (await ReadOpenCoreAsync()).Count == 0)
                File.Delete(journalFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.Write($"the journal of released threads cannot be written: {e.Message}");
        }
        finally
        {
            _journal.Release();
        }
    }

    private async Task<IReadOnlyCollection<string>> ReadOpenAsync()
    {
        await _journal.WaitAsync();
        try
        {
            return await ReadOpenCoreAsync();
        }
        finally
        {
            _journal.Release();
        }
    }

    private async Task<IReadOnlyCollection<string>> ReadOpenCoreAsync()
    {
        try
        {
            var open = new HashSet<string>(StringComparer.Ordinal);
            foreach (var line in await File.ReadAllLinesAsync(journalFile, Encoding.UTF8))
            {
                if (line.StartsWith('+'))
                    open.Add(line[1..]);
                else if (line.StartsWith('-'))
                    open.Remove(line[1..]);
            }

            return open;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return []; // No journal: nothing was left between the two calls.
        }
    }
}
