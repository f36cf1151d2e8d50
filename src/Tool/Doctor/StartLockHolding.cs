using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;

namespace CodexCompanion.Tool.Doctor;

/// <summary>A repair of what belongs to a broker, as a client would do it: whoever clears away holds the start lock, and looks again after getting it.</summary>
internal static class StartLockHolding
{
    /// <summary>Gets the lock and repairs; refuses where it cannot be had.</summary>
    /// <param name="place">Where.</param>
    /// <param name="purpose">What others are told of who holds it.</param>
    /// <param name="patience">How long it is waited for.</param>
    /// <param name="repair">The repair, which looks anew.</param>
    public static async Task<Repair> RepairAsync(DoctorPlace place, string purpose, TimeSpan patience, Func<Task<Repair>> repair)
    {
        place.Store.EnsureCreated(); // Refuses folders of somebody else, in which a lock would lock nobody out.
        var attempt = await place.Store.Lock(StateLock.Start).AcquireAsync(purpose, patience, CancellationToken.None);
        if (attempt is LockAttempt.Unusable unusable)
            return new Repair.Refused(unusable.Reason.TrimEnd('.'));
        if (attempt is not LockAttempt.Acquired { Lock: var startLock })
            return new Repair.Refused("somebody is starting a broker just now");
        using (startLock)
            return await repair();
    }
}
