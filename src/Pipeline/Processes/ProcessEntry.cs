using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.Pipeline.Processes;

/// <summary>One line of the system's list of processes.</summary>
/// <param name="Pid">Its PID.</param>
/// <param name="ParentPid">Its parent's.</param>
/// <param name="Command">Name of its program. Not its arguments: they may hold secrets.</param>
/// <param name="HasEnded">Whether it is a zombie: ended, and only not yet collected by its parent.</param>
/// <param name="StartTime">Linux: its start time as in <see cref="ProcessIdentity"/>; null elsewhere.</param>
internal readonly record struct ProcessEntry(int Pid, int ParentPid, string Command, bool HasEnded, string? StartTime);

/// <summary>A process that was looked for and found.</summary>
/// <param name="Identity">Which it is.</param>
/// <param name="Command">Name of its program.</param>
public sealed record FoundProcess(ProcessIdentity Identity, string Command)
{
    /// <summary>For a person: "4711 (sleep)".</summary>
    public override string ToString() => $"{Identity.Pid} ({Command})";
}
