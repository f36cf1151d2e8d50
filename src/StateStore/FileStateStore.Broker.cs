using CodexCompanion.StateStore.Records;

namespace CodexCompanion.StateStore;

/// <content>broker.json.</content>
public sealed partial class FileStateStore
{
    /// <inheritdoc/>
    public StateRead<BrokerRecord> ReadBroker()
    {
        var read = _reader.Read(Paths.BrokerFile, LargestSmallFile, BrokerRecord.CurrentVersion, BrokerRecordFormat.Instance);
        return read.Value is null || (BrokerRecord.IsValidInstanceId(read.Value.InstanceId) && read.Value.Endpoint.Length > 0)
            ? read
            : StateRead<BrokerRecord>.Bad(StateReadKind.Corrupt, "broker.json names no instance or no endpoint.");
    }

    /// <inheritdoc/>
    public void PublishBroker(BrokerRecord record) => UnderLock("publish the broker", () =>
    {
        var before = ReadBroker();
        if (before.Kind is StateReadKind.TooNew or StateReadKind.Unreadable)
            throw Refused(Paths.BrokerFile, before);
        if (before.Kind == StateReadKind.Corrupt)
            _quarantine.Move(Paths.BrokerFile);
        var content = BrokerRecordFormat.Instance.ToBytes(record with { Version = BrokerRecord.CurrentVersion }, indented: true);
        _writer.Write(Paths.BrokerFile, content);
    });

    /// <inheritdoc/>
    public bool WithdrawBroker(string instanceId) => !IsEmpty && UnderLock("withdraw the broker", () =>
    {
        if (ReadBroker().Value?.InstanceId != instanceId)
            return false;
        _files.File.Delete(Paths.BrokerFile);
        _disk.SyncFolder(Paths.Directory);
        return true;
    });

    /// <inheritdoc/>
    public string? SetBrokerAside() => IsEmpty ? null : UnderLock("set broker.json aside", () =>
        ReadBroker().Kind == StateReadKind.Corrupt ? _quarantine.Move(Paths.BrokerFile) : null);
}
