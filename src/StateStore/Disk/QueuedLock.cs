namespace CodexCompanion.StateStore.Disk;

/// <summary>
/// A lock that many want again and again. Who releases and asks once more would get it before those who look every few milliseconds,
/// and they would starve; so whoever asks first takes the one place at the head of the queue, a second lock that is waited for in
/// the system's own queue, and only from there the lock itself. Fifty who looked for it every millisecond would keep two processors busy with
/// that alone, and chance would let one of them wait for half a minute.
/// </summary>
internal sealed class QueuedLock(FileLock target, string queuePath, INativeDisk disk, TimeProvider time)
{
    // At the head there is one at a time, so it may look often. Where the system has no queue, the others look the more often the longer they
    // wait, twice as often each tenth of a second: so age decides who is next, more than chance.
    private static readonly TimeSpan PauseAtHead = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(32);
    private static readonly TimeSpan UntilTwiceAsOften = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits for the lock until the limit is over.</summary>
    public LockAttempt Acquire(string purpose, TimeSpan limit)
    {
        var start = time.GetTimestamp();
        Stream? head = null;
        try
        {
            while (true)
            {
                var left = limit - time.GetElapsedTime(start);
                head ??= disk.AwaitExclusively(queuePath, left > TimeSpan.Zero ? left : TimeSpan.Zero);
                var waited = time.GetElapsedTime(start);
                var over = waited >= limit;
                if (head is not null || over)
                {
                    var attempt = target.TryAcquire(purpose);
                    if (attempt is not LockAttempt.Held || over)
                        return attempt;
                }

                Pause.For(head is not null ? PauseAtHead : PauseAfter(waited));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new LockAttempt.Unusable($"The lock file {queuePath} cannot be opened: {DiskRefusal.Of(e)}");
        }
        finally
        {
            head?.Dispose();
        }
    }

    private static TimeSpan PauseAfter(TimeSpan waited)
    {
        var pause = LongestPause / Math.Pow(2, Math.Floor(waited / UntilTwiceAsOften));
        return pause > PauseAtHead ? pause : PauseAtHead;
    }
}
