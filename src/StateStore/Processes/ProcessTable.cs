namespace CodexCompanion.StateStore.Processes;

/// <summary>The processes of this system: /proc on Linux, the runtime's Process class elsewhere.</summary>
public sealed class ProcessTable : IProcessTable
{
    private readonly IProcessTable _table = OperatingSystem.IsLinux() ? new LinuxProcessTable("/proc") : new PortableProcessTable();

    /// <inheritdoc/>
    public ProcessIdentity Self => _table.Self;

    /// <inheritdoc/>
    public ProcessIdentity? Identify(int pid) => _table.Identify(pid);

    /// <inheritdoc/>
    public ProcessPresence Look(ProcessIdentity recorded) => _table.Look(recorded);
}
