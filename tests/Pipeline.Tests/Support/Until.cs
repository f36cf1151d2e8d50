using System.Diagnostics;

namespace CodexCompanion.Pipeline.Tests.Support;

/// <summary>Waits for what other threads do, with a limit that only a fault ever reaches.</summary>
internal static class Until
{
    /// <summary>Far more than anything here takes on a loaded machine.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    public static async Task TrueAsync(Func<bool> condition, string what)
    {
        var begun = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(begun) > Limit)
                throw new TimeoutException($"It did not come about: {what}.");
            await Task.Delay(1);
        }
    }

    public static Task DoneAsync(Task task) => task.WaitAsync(Limit);

    public static Task<T> DoneAsync<T>(Task<T> task) => task.WaitAsync(Limit);
}
