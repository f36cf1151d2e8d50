namespace CodexCompanion.StateStore.Tests.Support;

/// <summary>Wall time that stands still; timers and measured spans are real.</summary>
public sealed class FakeClock : TimeProvider
{
    private DateTimeOffset _now = new(2026, 11, 22, 10, 15, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => _now;

    public void Advance(TimeSpan span) => _now += span;
}
