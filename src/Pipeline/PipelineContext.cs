using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Records;

namespace CodexCompanion.Pipeline;

/// <summary>How one run may reach Codex.</summary>
public sealed record RunOptions
{
    /// <summary>Never start or use a broker, leave no process behind.</summary>
    public bool NoBroker { get; init; }

    /// <summary>
    /// Whether a lost connection may fall back and be recovered. Off only in the control row of <c>selftest</c>, which must fail without.
    /// </summary>
    public bool Recover { get; init; } = true;

    /// <summary>The Claude session the run belongs to; null for none.</summary>
    public string? SessionId { get; init; }

    /// <summary>
    /// Completes when the run's record is on the disk. A broker is looked for meanwhile, greeted, and asked for the configuration and the thread; no
    /// program is started and no turn is sent before, and none at all when it fails: the pipeline ends with its exception.
    /// </summary>
    public Task Recorded { get; init; } = Task.CompletedTask;
}

/// <summary>What one run carries from step to step. Disposing it hangs up; the outcome does not wait for that.</summary>
public sealed class PipelineContext(TurnRequest request, RunOptions options, IRunObserver observer, CancellationToken stop) : IAsyncDisposable
{
    /// <summary>What is asked for.</summary>
    public TurnRequest Request { get; } = request;

    /// <summary>How it may be reached.</summary>
    public RunOptions Options { get; } = options;

    /// <summary>As whom it reaches for the broker.</summary>
    public BrokerCaller Caller { get; } = new(request.JobId, options.SessionId, request.Cwd);

    /// <summary>Hears what goes on.</summary>
    public IRunObserver Observer { get; } = observer;

    /// <summary>Asks for the turn to be stopped.</summary>
    public CancellationToken Stop { get; } = stop;

    /// <summary>How far the request got.</summary>
    public TurnProgress Progress { get; private set; } = new();

    /// <summary>Set by ResolveState: the workspace's state.</summary>
    public IStateStore? Store { get; set; }

    /// <summary>Set by ResolveState: <c>broker.json</c> as it was found.</summary>
    public StateRead<BrokerRecord>? Record { get; set; }

    /// <summary>Set by ValidateBroker: the facts, the verdict, and an open connection when the broker answered, which ends with the context if no
    /// session took it over.</summary>
    public BrokerProbe? Probe { get; set; }

    /// <summary>Set by Connect: the session with the broker's app-server, which ends with the context; null when the run goes direct.</summary>
    public BrokerSession? Session { get; set; }

    /// <summary>Why the run goes direct; null as long as nothing speaks for it.</summary>
    public Fallback? Fallback { get; set; }

    /// <summary>Where the lost turn was running; set when the connection is lost after a turn was sent.</summary>
    public Recovery.LostTurn? LostTurn { get; set; }

    /// <summary>What the current step found or did, for the trail; each step sets it.</summary>
    public (string Verdict, string? Reason) StepVerdict { get; set; } = ("done", null);

    /// <summary>Whether the one automatic recovery of this request was used.</summary>
    public bool RecoveryUsed { get; set; }

    /// <summary>Forgets how far the request got: it is sent anew.</summary>
    public void StartOver() => Progress = new TurnProgress();

    /// <summary>The current step has nothing to do: an earlier one settled it.</summary>
    public void Skip() => StepVerdict = ("skipped", null);

    /// <summary>Leaves the rest to going direct, for this reason.</summary>
    public void GoDirect(Fallback fallback)
    {
        Fallback = fallback;
        StepVerdict = ("direct", fallback.Sentence);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Session?.DisposeAsync() ?? Probe?.DisposeAsync() ?? ValueTask.CompletedTask;
}
