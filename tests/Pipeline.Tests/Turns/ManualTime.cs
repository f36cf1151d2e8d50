namespace CodexCompanion.Pipeline.Tests.Turns;

/// <summary>A clock that stands still until a test moves it; timers fire while it is moved, in the order in which they are due.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private TimeSpan _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Timers that are waiting.</summary>
    public int Pending
    {
        get
        {
            lock (_gate)
                return _timers.Count;
        }
    }

    /// <summary>How many timers were set so far.</summary>
    public int Set { get; private set; }

    /// <summary>How many timers have fired so far.</summary>
    public int Fired { get; private set; }

    public override long GetTimestamp()
    {
        lock (_gate)
            return _now.Ticks;
    }

    /// <summary>How far somebody has set the wall clock off; no time passes by that.</summary>
    public TimeSpan WallClockSetBy { get; set; }

    public override DateTimeOffset GetUtcNow() =>
        new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero) + TimeSpan.FromTicks(GetTimestamp()) + WallClockSetBy;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    public void Advance(TimeSpan by)
    {
        TimeSpan end;
        lock (_gate)
            end = _now + by;
        while (true)
        {
            ManualTimer? next;
            lock (_gate)
            {
                next = _timers.Where(t => t.Due <= end).MinBy(t => t.Due);
                if (next is null)
                {
                    _now = end;
                    return;
                }

                _now = next.Due > _now ? next.Due : _now;
                _timers.Remove(next);
                Fired++;
            }

            next.Fire();
        }
    }

    /// <summary>
    /// Moves the clock, a step at a time, until a task is done. Whoever was woken by a step gets to its next wait before the next one: otherwise the clock
    /// would run away from it on a loaded machine.
    /// </summary>
    public async Task AdvanceUntilAsync(Task done, TimeSpan step)
    {
        for (var steps = 0; steps < 2000 && !done.IsCompleted; steps++)
        {
            await Task.WhenAny(done, Task.Delay(2));
            if (done.IsCompleted)
                break;
            var (set, fired) = (Set, Fired);
            Advance(step);
            if (Fired > fired)
                await SettleAsync(done, set);
        }

        await done.WaitAsync(TimeSpan.FromSeconds(10));
    }

    // Not everybody who is woken waits for the clock again: after this long, it has come to something else.
    private async Task SettleAsync(Task done, int set)
    {
        for (var looks = 0; looks < 100 && !done.IsCompleted && Set == set; looks++)
            await Task.WhenAny(done, Task.Delay(2));
    }

    private sealed class ManualTimer(ManualTime owner, Action fire) : ITimer
    {
        public TimeSpan Due { get; private set; }

        public void Fire() => fire();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (owner._gate)
            {
                owner._timers.Remove(this);
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    Due = owner._now + dueTime;
                    owner._timers.Add(this);
                    owner.Set++;
                }
            }

            return true;
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
