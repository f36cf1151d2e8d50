using System.Diagnostics;

namespace CodexCompanion.EndToEnd.Tests.Harness;

/// <summary>Waits for conditions of other processes, with a time limit and a sentence for the failure.</summary>
internal static class Eventually
{
    // Generous, as both cores may be busy with other tests; a condition that comes true costs only the time it takes.
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    // Often enough to catch the middle of a turn, seldom enough to leave the processor to those waited for.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public static Task TrueAsync(Func<bool> condition, string what, TimeSpan? limit = null) =>
        TrueAsync(() => Task.FromResult(condition()), () => what, limit);

    public static async Task TrueAsync(Func<Task<bool>> condition, Func<string> what, TimeSpan? limit = null)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            if (clock.Elapsed > (limit ?? Limit))
                throw new TimeoutException($"not within {(limit ?? Limit).TotalSeconds} s: {what()}");
            await Task.Delay(Pause);
        }
    }
}
