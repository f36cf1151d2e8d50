using CodexCompanion.StateStore.Records;

namespace CodexCompanion.StateStore;

/// <content>config.json.</content>
public sealed partial class FileStateStore
{
    /// <inheritdoc/>
    public StateRead<WorkspaceConfig> ReadConfig()
    {
        var read = ReadConfigFile();
        return read.Kind == StateReadKind.Missing && _index.Config is { } seed
            ? StateRead<WorkspaceConfig>.Ok(seed)
            : read;
    }

    /// <inheritdoc/>
    public WorkspaceConfig UpdateConfig(Func<WorkspaceConfig, WorkspaceConfig> change) => UnderLock("change the settings", () =>
    {
        var read = ReadConfig();
        if (read.Kind is not (StateReadKind.Ok or StateReadKind.Missing))
            throw Refused(Paths.ConfigFile, read);
        var before = read.Value ?? new WorkspaceConfig();
        var after = change(before);
        if (ReferenceEquals(before, after))
            return before;
        after = after with { Version = WorkspaceConfig.CurrentVersion };
        _writer.Write(Paths.ConfigFile, WorkspaceConfigFormat.Instance.ToBytes(after, indented: true));
        _index.Update(after, index => index);
        return after;
    });

    private StateRead<WorkspaceConfig> ReadConfigFile() =>
        _reader.Read(Paths.ConfigFile, LargestSmallFile, WorkspaceConfig.CurrentVersion, WorkspaceConfigFormat.Instance);
}
