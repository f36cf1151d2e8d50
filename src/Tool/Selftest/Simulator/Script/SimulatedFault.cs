namespace CodexCompanion.Tool.Selftest.Simulator.Script;

/// <summary>Something that goes wrong, the moment at which it does, and how often.</summary>
internal sealed record SimulatedFault
{
    /// <summary>What the journal calls it; unique within a script.</summary>
    public required string Name { get; init; }

    /// <summary>What happens.</summary>
    public required FaultAction Action { get; init; }

    /// <summary>The moment at which it happens.</summary>
    public required FaultPoint At { get; init; }

    /// <summary>Only at the n-th turn this process is asked for, counted from 1; without a number at each.</summary>
    public int? Turn { get; init; }

    /// <summary>At most so many times over all processes below the home; without a number every time.</summary>
    public int? Times { get; init; }

    /// <summary>Only for turns whose prompt contains this text.</summary>
    public string? PromptContains { get; init; }

    /// <summary>The exit code, for <see cref="FaultAction.Exit"/>.</summary>
    public int ExitCode { get; init; }

    /// <summary>
    /// What is written to stderr before an exit, the version to report, or the noise itself; noise without a text is a sample of everything.
    /// </summary>
    public string? Text { get; init; }

    /// <summary>How long a <see cref="FaultAction.Delay"/> is.</summary>
    public int Milliseconds { get; init; }
}

/// <summary>What a fault does.</summary>
internal enum FaultAction
{
    /// <summary>The process ends with the fault's exit code. Nothing is recorded of turns that run.</summary>
    Exit,

    /// <summary>The process kills itself with SIGKILL.</summary>
    Kill,

    /// <summary>The process lives and reads on but never says anything again.</summary>
    Stall,

    /// <summary>The server closes its stdin; turns go on.</summary>
    CloseStdin,

    /// <summary>The server closes its stdout; turns go on.</summary>
    CloseStdout,

    /// <summary>The server waits for the fault's time.</summary>
    Delay,

    /// <summary>ANSI colours, half JSON and a very long line on stdout.</summary>
    NoiseOnStdout,

    /// <summary>The same on stderr.</summary>
    NoiseOnStderr,

    /// <summary>The request is answered with -32001, overloaded. At <see cref="FaultPoint.TurnRequested"/> only.</summary>
    Overloaded,

    /// <summary>The fault's text is reported as version. At <see cref="FaultPoint.Initialize"/> only.</summary>
    ReportVersion,
}

/// <summary>The moments at which a fault can strike, in the order a turn passes them.</summary>
internal enum FaultPoint
{
    /// <summary>Before anything is read.</summary>
    ProcessStart,

    /// <summary>When any request has been read.</summary>
    Request,

    /// <summary>When <c>initialize</c> has been read.</summary>
    Initialize,

    /// <summary>When a <c>turn/start</c> has been read: nothing of it is recorded.</summary>
    TurnRequested,

    /// <summary>When <c>turn/start</c> has been answered: the turn is recorded, the user's message is not.</summary>
    TurnAnswered,

    /// <summary>When the user's message is recorded: the model is thinking.</summary>
    Thinking,

    /// <summary>Before a file is changed; in a turn without edits, before its answer.</summary>
    BeforeEdit,

    /// <summary>After a file was changed; in a turn without edits, in the middle of its answer.</summary>
    AfterEdit,

    /// <summary>When the turn's end is recorded but not yet said.</summary>
    TurnRecorded,

    /// <summary>After <c>turn/completed</c>.</summary>
    TurnCompleted,
}
