namespace CodexCompanion.Pipeline.Broker;

/// <summary>
/// Bounds how often something may happen, by making whoever does it wait: nobody is refused, and a flood costs its sender time instead of
/// costing everybody else the broker. Used by one loop at a time.
/// </summary>
/// <param name="perSecond">How often it may happen in the long run.</param>
/// <param name="burst">How often it may happen at once after a quiet time.</param>
/// <param name="time">The clock.</param>
internal sealed class Pace(int perSecond, int burst, TimeProvider time)
{
    private double _left = burst;
    private long _lookedAt = time.GetTimestamp();

    /// <summary>Takes one; waits for it when none is left.</summary>
    public ValueTask TakeAsync(CancellationToken cancellationToken)
    {
        var now = time.GetTimestamp();
        _left = Math.Min(burst, _left + (time.GetElapsedTime(_lookedAt, now).TotalSeconds * perSecond));
        _lookedAt = now;
        _left--;
        return _left >= 0 ? ValueTask.CompletedTask : new ValueTask(Task.Delay(TimeSpan.FromSeconds(-_left / perSecond), time, cancellationToken));
    }
}
