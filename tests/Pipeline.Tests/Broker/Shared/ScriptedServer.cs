using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Processes;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Tests.Processes;
using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.Pipeline.Tests.Broker.Shared;

/// <summary>
/// An app-server in memory, with threads and turns as the real one has them, and all it says in the test's hand. A turn runs until the test or an
/// interrupt ends it.
/// </summary>
internal sealed class ScriptedServer : IRpcReceiver
{
    // No system gives out PIDs this high: nothing that looks for this "process" finds another one.
    private const int NoPid = 999_999_000;
    private static int _lastServer;

    private readonly ScriptedChild _child;
    private readonly ConcurrentDictionary<string, string> _turns = new(StringComparer.Ordinal);
    private int _lastThread;
    private int _lastTurn;

    public ScriptedServer(AppServerSlot slot)
    {
        Number = Interlocked.Increment(ref _lastServer);
        _child = new ScriptedChild(NoPid + Number);
        Peer = new RpcPeer(_child.ServerInput, _child.ServerOutput, TimeLimits.MaxAppServerLine, this);
        Peer.Start();
        _ = ExitWithInputAsync();
        var ending = new AppServerEnding(slot.Marker, new ProcessTree(Child.Table), new ProcessEnder(Child.Table, TimeProvider.System), TimeProvider.System);
        Process = new AppServerProcess(
            _child, _child.Identity!, slot, ending, new SecretMask(new Dictionary<string, string>(StringComparer.Ordinal)), TimeProvider.System);
    }

    public int Number { get; }

    /// <summary>As the broker has it.</summary>
    public AppServerProcess Process { get; }

    /// <summary>The server's own end of the connection.</summary>
    public RpcPeer Peer { get; }

    public Stream RawOutput => _child.ServerOutput;

    /// <summary>Every request and notification it got.</summary>
    public ConcurrentQueue<RpcMessage> Heard { get; } = [];

    /// <summary>Turns that run: thread and turn.</summary>
    public IReadOnlyDictionary<string, string> Turns => _turns;

    /// <summary>Methods that are heard and never answered.</summary>
    public ConcurrentDictionary<string, bool> Mute { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether an interrupt ends a turn.</summary>
    public bool HeedsInterrupts { get; set; } = true;

    /// <summary>Whether a turn is over in the moment it began.</summary>
    public bool EndsTurnsAtOnce { get; set; }

    public int Count(string method) => Heard.Count(m => m.Method == method);

    /// <summary>Says something about a thread.</summary>
    public void Say(string threadId, string method, string members = "") =>
        Peer.Notify(method, Encoding.UTF8.GetBytes("{\"threadId\":\"" + threadId + "\"" + (members.Length == 0 ? "" : "," + members) + "}"));

    /// <summary>Ends the turn of a thread.</summary>
    public void EndTurn(string threadId, string status = "completed")
    {
        if (_turns.TryRemove(threadId, out var turn))
            Say(threadId, "turn/completed", "\"turn\":{\"id\":\"" + turn + "\",\"status\":\"" + status + "\",\"items\":[]}");
    }

    /// <summary>Spawns a subagent's thread below another.</summary>
    public string Spawn(string parent)
    {
        var id = NewThread();
        Peer.Notify("thread/started", Encoding.UTF8.GetBytes(
            "{\"thread\":{\"id\":\"" + id + "\",\"source\":{\"subAgent\":{\"thread_spawn\":{\"parent_thread_id\":\"" + parent + "\",\"depth\":1}}}}}"));
        return id;
    }

    /// <summary>Dies as a process does.</summary>
    public void Die(ChildExit? how = null) => _child.End(how ?? new ChildExit(Code: null, Signal: 9));

    void IRpcReceiver.OnNotification(RpcMessage message) => Heard.Enqueue(message);

    void IRpcReceiver.OnNoise(string problem) => throw new InvalidOperationException($"The broker sent what is no message: {problem}");

    void IRpcReceiver.OnRequest(RpcMessage message)
    {
        Heard.Enqueue(message);
        if (Mute.ContainsKey(message.Method))
            return;
        switch (message.Method)
        {
            case "thread/resume" or "turn/start" or "turn/interrupt" when message.ThreadId is null:
                Peer.ReplyError(message.Id, RpcError.InvalidRequest, "Invalid request: missing field `threadId`");
                break;
            case "thread/start" or "thread/fork":
                var id = NewThread();
                Peer.Notify("thread/started", Json("""{"thread":{"id":"#"}}""", id));
                Peer.Reply(message.Id, Json("""{"thread":{"id":"#"}}""", id));
                break;
            case "thread/resume":
                Peer.Reply(message.Id, Json("""{"thread":{"id":"#"}}""", message.ThreadId!));
                break;
            case "turn/start":
                var turn = $"turn-{Number}-{Interlocked.Increment(ref _lastTurn)}";
                _turns[message.ThreadId!] = turn;
                Peer.Reply(message.Id, Json("""{"turn":{"id":"#","status":"inProgress","items":[]}}""", turn));
                Say(message.ThreadId!, "turn/started", "\"turn\":{\"id\":\"" + turn + "\"}");
                if (EndsTurnsAtOnce)
                    EndTurn(message.ThreadId!);
                break;
            case "turn/interrupt":
                Peer.Reply(message.Id, RpcJson.EmptyObject);
                if (HeedsInterrupts)
                    EndTurn(message.ThreadId!, "interrupted");
                break;
            case "echo":
                Peer.Reply(message.Id, message.Params);
                break;
            default:
                Peer.Reply(message.Id, RpcJson.EmptyObject);
                break;
        }
    }

    private string NewThread() => $"thread-{Number}-{Interlocked.Increment(ref _lastThread)}";

    private static byte[] Json(string text, string id) => Encoding.UTF8.GetBytes(text.Replace("#", JsonEncodedText.Encode(id).ToString(), StringComparison.Ordinal));

    private async Task ExitWithInputAsync()
    {
        await Peer.Ended;
        _child.End(new ChildExit(Code: 0, Signal: null));
    }

    private sealed class ScriptedChild : ChildProcess
    {
        private readonly Pipe _input = new(new PipeOptions(useSynchronizationContext: false));
        private readonly Pipe _output = new(new PipeOptions(useSynchronizationContext: false));
        private readonly TaskCompletionSource<ChildExit> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ScriptedChild(int pid)
            : base(pid, new ProcessIdentity(pid, "1", Child.Table.Self.BootId, Child.Table.Self.PidNamespace))
        {
            Input = _input.Writer.AsStream();
            ServerInput = _input.Reader.AsStream();
            Output = _output.Reader.AsStream();
            ServerOutput = _output.Writer.AsStream();
        }

        public override Stream Input { get; }

        public override Stream Output { get; }

        public override Stream ErrorOutput { get; } = new MemoryStream();

        public override Task<ChildExit> Exited => _exited.Task;

        public Stream ServerInput { get; }

        public Stream ServerOutput { get; }

        public override void Terminate() => End(new ChildExit(Code: null, Signal: 15));

        public override void Kill() => End(new ChildExit(Code: null, Signal: 9));

        public void End(ChildExit how)
        {
            if (!_exited.TrySetResult(how))
                return;
            _output.Writer.Complete();
            _input.Reader.Complete();
        }
    }
}
