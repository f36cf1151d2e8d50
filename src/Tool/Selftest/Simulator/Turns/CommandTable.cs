namespace CodexCompanion.Tool.Selftest.Simulator.Turns;

/// <summary>The commands of one thread that are still running, whatever became of the turns that started them.</summary>
internal sealed class CommandTable
{
    private readonly Lock _gate = new();
    private readonly List<RunningCommand> _running = [];

    public void Add(RunningCommand command)
    {
        lock (_gate)
            _running.Add(command);
    }

    public void Remove(RunningCommand command)
    {
        lock (_gate)
            _running.Remove(command);
    }

    /// <summary>Ends all of them, with what they started.</summary>
    public void EndAll()
    {
        List<RunningCommand> running;
        lock (_gate)
            running = [.. _running];
        foreach (var command in running)
            command.End();
    }
}
