using System.Text.Json;
using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.Pipeline.Turns;

/// <summary>Something a run has to tell while it goes on.</summary>
public abstract record RunEvent
{
    private RunEvent()
    {
    }

    /// <summary>The thread is known; a run killed from now on can be resumed by hand.</summary>
    public sealed record ThreadKnown(string ThreadId, string? Model, string? Effort) : RunEvent
    {
        /// <summary>The sandbox its turn will have; null when it is none of ours.</summary>
        public SandboxMode? Sandbox { get; init; }

        /// <summary>Where its turn will run: what is to be proved gone before anybody else takes the thread up.</summary>
        public TurnPlace Place { get; init; } = TurnPlace.Unknown;
    }

    /// <summary>The server accepted the turn.</summary>
    public sealed record TurnAccepted(string ThreadId, string TurnId) : RunEvent;

    /// <summary>A line of progress. <paramref name="Phase"/> is null when it stays as it was.</summary>
    public sealed record Progress(string? Phase, string Line) : RunEvent;

    /// <summary>A titled block for the job's log ("Assistant message", "Reasoning summary", "Final output"…).</summary>
    public sealed record Block(string Title, string Body) : RunEvent;

    /// <summary>Something the user should be told (a fallback worth knowing, a recovery, an answered approval).</summary>
    public sealed record Note(string Sentence) : RunEvent;

    /// <summary>The server counted the thread's tokens, in its own shape.</summary>
    public sealed record Counted(JsonElement Usage) : RunEvent;

    /// <summary>A step of the pipeline ended.</summary>
    public sealed record Trail(TrailEntry Entry) : RunEvent;
}

/// <summary>Where a turn runs.</summary>
/// <param name="AppServer">The process; null when it is not known.</param>
/// <param name="BrokerEndpoint">Where the broker of that process listens; null when there is none.</param>
public sealed record TurnPlace(ProcessIdentity? AppServer, string? BrokerEndpoint)
{
    /// <summary>Nothing is known.</summary>
    public static TurnPlace Unknown { get; } = new(AppServer: null, BrokerEndpoint: null);
}

/// <summary>One line of the trail every run leaves.</summary>
/// <param name="Step">Name of the step.</param>
/// <param name="Duration">Time spent in the step itself, without the steps behind it.</param>
/// <param name="Verdict">What it found or did, in a word.</param>
/// <param name="Reason">Why, in a sentence; null when the verdict says it all.</param>
public sealed record TrailEntry(string Step, TimeSpan Duration, string Verdict, string? Reason);

/// <summary>Hears what a run has to tell. Called from any thread, one call at a time; must be quick and must not throw.</summary>
public interface IRunObserver
{
    /// <summary>Something happened.</summary>
    void On(RunEvent happened);
}
