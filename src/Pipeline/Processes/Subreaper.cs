using System.Runtime.Versioning;
using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.Pipeline.Processes;

/// <summary>
/// Makes orphaned descendants ours (Linux): a command whose app-server died becomes a child of the broker instead of the system's init,
/// and can be found there. Whoever adopts must also collect the dead.
/// </summary>
public static class Subreaper
{
    /// <summary>Becomes the reaper of this process's descendants.</summary>
    /// <returns>False where the system has no such thing.</returns>
    public static bool TryEnable() => OperatingSystem.IsLinux() && Libc.BecomeSubreaper();

    /// <summary>
    /// Collects adopted children that have ended, without waiting. Children started through <see cref="ChildProcess"/> and
    /// <see cref="DetachedProcess"/> are left alone; those started in another way (.NET's own Process) must be named.
    /// </summary>
    /// <param name="except">Children to leave alone besides.</param>
    /// <returns>How many were collected.</returns>
    public static int ReapAdopted(params IReadOnlyCollection<int> except) => OperatingSystem.IsLinux() ? Reap(except) : 0;

    /// <summary>Adopted children that live. Those started through <see cref="ChildProcess"/> and <see cref="DetachedProcess"/> are none.</summary>
    /// <param name="processes">Tells their identities.</param>
    public static IReadOnlyList<FoundProcess> Adopted(IProcessTable processes) => OperatingSystem.IsLinux() ? Find(processes) : [];

    [SupportedOSPlatform("linux")]
    private static List<FoundProcess> Find(IProcessTable processes)
    {
        var adopted = UnixChildren.Undisturbed(isOurs => LinuxProcesses.List().FindAll(e =>
            !e.HasEnded && e.ParentPid == Environment.ProcessId && !isOurs(e.Pid)));
        var found = new List<FoundProcess>();
        foreach (var entry in adopted)
        {
            if (processes.Identify(entry.Pid) is { } identity && entry.StartTime == identity.StartTime)
                found.Add(new FoundProcess(identity, entry.Command));
        }

        return found;
    }

    [SupportedOSPlatform("linux")]
    private static int Reap(IReadOnlyCollection<int> except)
    {
        // Nearly always there is nobody, and asking that costs a microsecond where reading /proc costs milliseconds.
        if (!Libc.AnyChildEnded())
            return 0;
        return UnixChildren.Undisturbed(isOurs => LinuxProcesses.List().Count(e =>
            e.HasEnded && e.ParentPid == Environment.ProcessId && !isOurs(e.Pid) && !except.Contains(e.Pid)
            && Libc.TryWait(e.Pid, out _) == e.Pid));
    }
}
