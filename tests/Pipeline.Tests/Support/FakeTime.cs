namespace CodexCompanion.Pipeline.Tests.Support;

/// <summary>A clock that stands still until it is told to go on.</summary>
internal sealed class FakeTime : TimeProvider
{
    private readonly DateTimeOffset _begin = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private long _elapsedTicks;

    /// <summary>Goes on by this much each time somebody asks for a timestamp: lets a loop with a limit come to its end.</summary>
    public TimeSpan EachLook { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Add(ref _elapsedTicks, EachLook.Ticks);

    public override DateTimeOffset GetUtcNow() => _begin.AddTicks(Interlocked.Read(ref _elapsedTicks));

    public void Advance(TimeSpan by) => Interlocked.Add(ref _elapsedTicks, by.Ticks);
}
