using CodexCompanion.Pipeline.Turns;

namespace CodexCompanion.Pipeline.Tests.Steps;

/// <summary>Keeps what a run has to tell.</summary>
internal sealed class RecordingObserver : IRunObserver
{
    private readonly Lock _gate = new();
    private readonly List<RunEvent> _events = [];

    public IReadOnlyList<RunEvent> Events
    {
        get
        {
            lock (_gate)
                return [.. _events];
        }
    }

    public IReadOnlyList<TrailEntry> Trail => [.. Events.OfType<RunEvent.Trail>().Select(t => t.Entry)];

    public void On(RunEvent happened)
    {
        lock (_gate)
            _events.Add(happened);
    }
}
