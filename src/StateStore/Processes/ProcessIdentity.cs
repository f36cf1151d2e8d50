namespace CodexCompanion.StateStore.Processes;

/// <summary>
/// Which process a PID meant when it was written down. A PID alone is reused; together with the kernel's raw start time, the boot and
/// the PID namespace it names one process for ever.
/// </summary>
/// <param name="Pid">The process id, as seen in <paramref name="PidNamespace"/>.</param>
/// <param name="StartTime">Linux: field 22 of /proc/PID/stat as it stands there (clock ticks since boot). Elsewhere: creation time in
/// UTC ticks. Compared as text, never rounded.</param>
/// <param name="BootId">Linux: the kernel's boot id; null where the system has none.</param>
/// <param name="PidNamespace">Linux: the target of /proc/PID/ns/pid; null where the system has none.</param>
public sealed record ProcessIdentity(int Pid, string StartTime, string? BootId, string? PidNamespace);

/// <summary>What a look at a recorded process found.</summary>
public enum ProcessPresence
{
    /// <summary>The recorded process runs.</summary>
    Same,

    /// <summary>No process has that PID, the one that has it is a zombie, or the machine was booted since.</summary>
    Gone,

    /// <summary>Another process has that PID now. It must never be signalled on the strength of the record.</summary>
    Other,

    /// <summary>Cannot be told (another PID namespace, no permission). Unknown is not gone.</summary>
    Unknown,
}

/// <summary>Looks at the system's processes.</summary>
public interface IProcessTable
{
    /// <summary>This process.</summary>
    ProcessIdentity Self { get; }

    /// <summary>The identity of a running process; null when there is none (or only a zombie) or it cannot be read.</summary>
    ProcessIdentity? Identify(int pid);

    /// <summary>Whether the recorded process still runs.</summary>
    ProcessPresence Look(ProcessIdentity recorded);
}
