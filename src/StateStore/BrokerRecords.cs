using System.IO.Abstractions;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Records;

namespace CodexCompanion.StateStore;

/// <summary>The records of all brokers of a user, whatever their workspace.</summary>
public static class BrokerRecords
{
    // A record has a few hundred bytes.
    private const int LargestRecord = 1024 * 1024;

    /// <summary>Those that can be read, below a state root. Nothing is created, waited for or changed.</summary>
    public static IReadOnlyList<BrokerRecord> Below(string stateRoot)
    {
        var reader = new StateFile(new FileSystem(), NativeDisk.Instance);
        var records = new List<BrokerRecord>();
        try
        {
            foreach (var directory in Directory.EnumerateDirectories(stateRoot))
            {
                var file = new StatePaths(stateRoot, directory).BrokerFile;
                if (File.Exists(file) && reader.Read(file, LargestRecord, BrokerRecord.CurrentVersion, BrokerRecordFormat.Instance).Value is { } record)
                    records.Add(record);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No root, or one that may not be read: no broker of ours can be found below it.
        }

        return records;
    }
}
