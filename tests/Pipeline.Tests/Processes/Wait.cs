using System.Diagnostics;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Processes;

/// <summary>Waits for what must come, with a limit that only a broken product reaches.</summary>
internal static class Wait
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        for (var clock = Stopwatch.StartNew(); !condition(); await Task.Delay(10))
            Assert.True(clock.Elapsed < Limit, $"Waited in vain until {what}.");
    }
}
