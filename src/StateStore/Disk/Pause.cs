namespace CodexCompanion.StateStore.Disk;

/// <summary>Blocks for a moment, for the synchronous waits of the store: each is short and bounded.</summary>
internal static class Pause
{
    /// <summary>Waits; nothing ends it early.</summary>
    public static void For(TimeSpan span)
    {
        using var never = new ManualResetEvent(initialState: false);
        never.WaitOne(span);
    }
}
