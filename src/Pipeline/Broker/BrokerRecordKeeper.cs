using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;

namespace CodexCompanion.Pipeline.Broker;

/// <summary>What became of the broker's record and socket since the last look.</summary>
internal enum RecordCheck
{
    /// <summary>Both are as they should be.</summary>
    Fine,

    /// <summary>The record was missing or damaged and stands again.</summary>
    PublishedAgain,

    /// <summary>Another instance is named there, or the socket, the workspace or the state folder is gone: this one is not wanted any more.</summary>
    Superseded,
}

/// <summary>Publishes the broker's record, looks after it, and takes it away at the end if it still is its own.</summary>
internal sealed class BrokerRecordKeeper(IStateStore store, BrokerRecord record, string programPath)
{
    private readonly Lock _gate = new();
    private BrokerRecord _record = record;
    private readonly (long, DateTime)? _program = LookAtProgram(programPath);
    private FileFacts? _socket;

    public BrokerRecord Record => _record;

    /// <summary>Publishes the record with this app-server in it, if that is news.</summary>
    public void Publish(ProcessIdentity? appServer, bool force = false)
    {
        lock (_gate)
        {
            if (!force && _record.AppServer == appServer)
                return;
            _record = _record with { AppServer = appServer };
            _socket ??= LookAtSocket();
            store.PublishBroker(_record);
        }
    }

    /// <summary>Looks at the endpoint without following it; null when nothing is there, or where endpoints are no files.</summary>
    private FileFacts? LookAtSocket() => OperatingSystem.IsWindows() ? null : NativeDisk.Instance.Look(_record.Endpoint);

    // Size and time, as the fingerprint has them of codex: not the inode, which some file systems change by themselves.
    private static (long Length, DateTime Written)? LookAtProgram(string path) =>
        new FileInfo(path) is { Exists: true } file ? (file.Length, file.LastWriteTimeUtc) : null;

    /// <summary>Looks at the record, the socket, the program and the folders.</summary>
    /// <param name="mayPublish">Whether a missing or damaged record is published again.</param>
    public (RecordCheck Check, string? Why) Check(bool mayPublish)
    {
        if (!Directory.Exists(store.Workspace.Root))
            return (RecordCheck.Superseded, "the workspace is gone");
        if (!Directory.Exists(store.Paths.Directory))
            return (RecordCheck.Superseded, "the state folder is gone");
        if (!OperatingSystem.IsWindows())
        {
            var socket = LookAtSocket();
            if (socket is null)
                return (RecordCheck.Superseded, "the socket is gone");
            if (_socket is not null && (socket.Device, socket.Inode) != (_socket.Device, _socket.Inode))
                return (RecordCheck.Superseded, "something else lies where the socket was");
        }

        if (LookAtProgram(programPath) != _program)
            return (RecordCheck.Superseded, "the tool was removed or replaced");

        var read = store.ReadBroker();
        switch (read)
        {
            case { Kind: StateReadKind.Ok, Value: { } found } when found.InstanceId != _record.InstanceId:
                return (RecordCheck.Superseded, $"instance {found.InstanceId} took over");
            case { Kind: StateReadKind.Missing or StateReadKind.Corrupt } when mayPublish: // A corrupt one is set aside by that.
                Publish(_record.AppServer, force: true);
                return (RecordCheck.PublishedAgain, null);
            default:
                return (RecordCheck.Fine, null);
        }
    }

    /// <summary>Takes the record away if it still names this instance.</summary>
    public void Withdraw()
    {
        lock (_gate)
            store.WithdrawBroker(_record.InstanceId);
    }
}
