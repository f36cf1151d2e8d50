namespace CodexCompanion.TestProcesses;

/// <summary>Counts what is done to the disk, and lets something go wrong at one point.</summary>
/// <param name="failAt">Number of the point, from 1; 0 for never.</param>
/// <param name="fault">What happens there, given the point's name: throw, or kill the process.</param>
/// <param name="counts">Which points count; null for all.</param>
/// <param name="forEver">Whether it happens at every later point, too: a full disk stays full, and a process that was killed does nothing any more.</param>
public sealed class FaultPlan(int failAt, Action<string> fault, Func<string, bool>? counts = null, bool forEver = false)
{
    private readonly Lock _lock = new();
    private readonly List<string> _points = [];

    /// <summary>The points that were passed, in order.</summary>
    public IReadOnlyList<string> Points => _points;

    /// <summary>Whether the fault happened.</summary>
    public bool Fired { get; private set; }

    /// <summary>Passes a point.</summary>
    public void Pass(string point)
    {
        if (counts is not null && !counts(point))
            return;
        lock (_lock)
        {
            _points.Add(point);
            if (_points.Count != failAt && !(forEver && Fired))
                return;
            Fired = true;
            fault(point);
        }
    }
}
