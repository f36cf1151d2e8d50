using CodexCompanion.Pipeline.Processes;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.Pipeline.AppServer;

/// <summary>A running app-server that is a child of ours, and the connection to it.</summary>
public sealed class AppServerProcess : IAsyncDisposable
{
    // Between the end of its output and that of the process (or the other way round) lie microseconds, unless the machine is loaded.
    private static readonly TimeSpan EndsTogether = TimeSpan.FromMilliseconds(500);

    private readonly ChildProcess _child;
    private readonly AppServerEnding _ending;
    private readonly StderrRing _stderr;
    private readonly Task _stderrRead;
    private readonly TimeProvider _time;
    private readonly Lazy<Task> _stop;
    private volatile bool _stopping;

    /// <summary>Takes over a child that was just started, and begins to read.</summary>
    /// <param name="child">The child.</param>
    /// <param name="identity">Its identity.</param>
    /// <param name="receiver">Gets what it says by itself.</param>
    /// <param name="ending">Knows how to end it.</param>
    /// <param name="mask">Takes secrets out of what it writes to its error output.</param>
    /// <param name="time">The clock.</param>
    internal AppServerProcess(
        ChildProcess child, ProcessIdentity identity, IRpcReceiver receiver, AppServerEnding ending, SecretMask mask, TimeProvider time)
    {
        _child = child;
        _ending = ending;
        _time = time;
        Identity = identity;
        _stderr = new StderrRing(mask);
        _stderrRead = _stderr.ReadAllAsync(child.ErrorOutput);
        _stop = new Lazy<Task>(() => Task.Run(EndAsync));
        Peer = new RpcPeer(child.Output, child.Input, TimeLimits.MaxAppServerLine, receiver, ExplainAsync);
        Exited = WatchAsync();
        Peer.Start();
    }

    /// <summary>The connection.</summary>
    public RpcPeer Peer { get; }

    /// <summary>What it said of itself.</summary>
    public AppServerInfo Info { get; internal set; } = new("", Version: null, CodexHome: null, Process: null);

    /// <summary>Its identity.</summary>
    public ProcessIdentity Identity { get; }

    /// <summary>The last lines of its error output on one line; null when it wrote nothing.</summary>
    internal string? LastWords => _stderr.LastWords;

    /// <summary>Completes when the process has ended.</summary>
    public Task<AppServerExit> Exited { get; }

    /// <summary>
    /// Ends it with all it started: ends its input, which makes it exit and end its commands, then asks by signal, then kills, then ends
    /// what is left of its descendants. Takes some 40 ms, and six seconds when it hangs. Never throws.
    /// </summary>
    /// <returns>Completes when done; calling it again waits for the same.</returns>
    public Task StopAsync() => _stop.Value;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task EndAsync()
    {
        _stopping = true;
        await _ending.EndAsync(_child);
        Peer.Close(ClosedHere());
        await Peer.DisposeAsync();
        _child.Dispose();
    }

    private async Task<AppServerExit> WatchAsync()
    {
        var how = await _child.Exited;

        // Its last words are usually still in the pipe. A command it left behind can keep the pipe open for ever.
        await Task.WhenAny(_stderrRead, Task.Delay(EndsTogether, _time));
        var exit = new AppServerExit(how, _stderr.LastWords);
        _ = CloseLaterAsync(exit);
        return exit;
    }

    // What it wrote before it died is still read; but its output may be held open by a command it left behind.
    private async Task CloseLaterAsync(AppServerExit exit)
    {
        await Task.WhenAny(Peer.Ended, Task.Delay(EndsTogether, _time));
        Peer.Close(_stopping ? ClosedHere() : new ConnectionLoss(LossKind.AppServerDied, exit.Sentence));
    }

    private async ValueTask<ConnectionLoss> ExplainAsync(ConnectionLoss loss)
    {
        if (loss.Kind == LossKind.ProtocolViolation)
            return loss;
        await Task.WhenAny(Exited, Task.Delay(EndsTogether * 2, _time));
        if (_stopping)
            return ClosedHere();
        var sentence = Exited.IsCompletedSuccessfully
            ? Exited.Result.Sentence
            : $"codex app-server closed its {(loss.Kind == LossKind.EndOfStream ? "output" : "input")}, though its process still runs.";
        return new ConnectionLoss(LossKind.AppServerDied, sentence);
    }

    private static ConnectionLoss ClosedHere() => new(LossKind.ClosedHere, "The app-server was stopped.");
}
