namespace CodexCompanion.Pipeline.Turns;

/// <summary>Keeps the promise that a run's observer hears one event at a time: the read loop and the run itself both have things to tell.</summary>
internal sealed class RunEvents(IRunObserver observer)
{
    private readonly Lock _gate = new();

    public void Tell(RunEvent happened)
    {
        lock (_gate)
            observer.On(happened);
    }

    public void Progress(string? phase, string line) => Tell(new RunEvent.Progress(phase, line));

    public void Note(string sentence) => Tell(new RunEvent.Note(sentence));

    public void Block(string title, string body) => Tell(new RunEvent.Block(title, body));
}
