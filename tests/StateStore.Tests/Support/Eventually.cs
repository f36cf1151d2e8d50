namespace CodexCompanion.StateStore.Tests.Support;

/// <summary>Waits for a condition, with a limit.</summary>
public static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static async Task HoldsAsync(Func<bool> condition)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Limit, "The condition never held.");
            await Task.Delay(10);
        }
    }
}
