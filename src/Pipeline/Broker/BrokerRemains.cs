using CodexCompanion.Pipeline.Processes;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;

namespace CodexCompanion.Pipeline.Broker;

/// <summary>
/// Clears away what a broker that is gone left behind: its record, its socket, and the processes it could not end because it died by
/// SIGKILL. Called under the start lock, with the verdict Stale or PidReused; each piece is taken by its own evidence.
/// </summary>
public sealed class BrokerRemains(IProcessTable processes, ProcessTree tree, ProcessEnder ender, TimeLimits limits)
{
    /// <summary>Clears them away.</summary>
    public async Task ClearAsync(IStateStore store, BrokerRecord record)
    {
        store.WithdrawBroker(record.InstanceId);
        if (!OperatingSystem.IsWindows())
            TryDeleteSocket(record);

        // Its app-server ends by itself when its stdin does; one that hangs, and commands in sessions of their own, do not.
        var left = new List<FoundProcess>(tree.MarkedByPrefix(ProcessTree.InstanceVariable, record.InstanceId + "."));
        if (record.AppServer is { } appServer && processes.Look(appServer) == ProcessPresence.Same)
            left.Add(new FoundProcess(appServer, "codex app-server"));
        if (left.Count > 0)
            await ender.EndAsync(left, limits.InterruptConfirmed);
    }

    // Only a name that this product gives: the record is a file, and files can say anything.
    private static void TryDeleteSocket(BrokerRecord record)
    {
        if (Path.GetFileName(record.Endpoint) != record.InstanceId + ".sock" || !BrokerRecord.IsValidInstanceId(record.InstanceId))
            return;
        try
        {
            File.Delete(record.Endpoint);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A socket nobody listens on harms nobody; doctor prunes it.
        }
    }
}
