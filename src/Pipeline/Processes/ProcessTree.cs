using System.Runtime.Versioning;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.Pipeline.Processes;

/// <summary>
/// Finds what a process started. Codex gives each command a session of its own, so neither process group nor session leads to it; a
/// parent that died leads nowhere either. A variable in the environment, inherited by all, does.
/// </summary>
/// <param name="processes">Tells identities.</param>
public sealed class ProcessTree(IProcessTable processes)
{
    /// <summary>Marks what belongs to one broker's or direct run's app-server.</summary>
    public const string InstanceVariable = EnvironmentPolicy.InstanceMark;

    /// <summary>Marks what belongs to one job's turn.</summary>
    public const string JobVariable = EnvironmentPolicy.JobMark;

    /// <summary>Children of a process, their children, and so on; without the process itself.</summary>
    public IReadOnlyList<FoundProcess> DescendantsOf(int pid)
    {
        var entries = List();
        return Identified(Closure(entries, [pid]).Where(e => e.Pid != pid));
    }

    /// <summary>
    /// Processes whose environment has a variable, and their descendants, which may have dropped it. Never this process or one it
    /// descends from: it may itself run inside of a marked command.
    /// </summary>
    public IReadOnlyList<FoundProcess> Marked(string name, string value) => Marked(new EnvironmentMark(name, value, IsPrefix: false));

    /// <summary>The same for a variable whose value only begins so.</summary>
    public IReadOnlyList<FoundProcess> MarkedByPrefix(string name, string prefix) =>
        Marked(new EnvironmentMark(name, prefix, IsPrefix: true));

    /// <summary>Every process of this user that has a variable, with its value; without this process and those it descends from, and
    /// without descendants that dropped it. Linux only: elsewhere none is found.</summary>
    public IReadOnlyList<MarkedProcess> AllMarked(string name) => OperatingSystem.IsLinux() ? MarkedHere(name) : [];

    /// <summary>Every process of this user that was called with an argument which ends so; the same limits. Linux only.</summary>
    public IReadOnlyList<CalledProcess> Called(string argumentEnd) => OperatingSystem.IsLinux() ? CalledHere(argumentEnd) : [];

    /// <summary>The value of a variable in a process' environment, as it was at its start; null when it has none, or cannot be read. Linux only.</summary>
    public string? Variable(FoundProcess process, string name) =>
        OperatingSystem.IsLinux() && processes.Look(process.Identity) == ProcessPresence.Same ? LinuxProcesses.Variable(process.Identity.Pid, name) : null;

    /// <summary>
    /// Whether the process that opened another's session has ended: proved, since as long as a session has members the system gives its number to no
    /// other process. False also where that is not known. Linux only.
    /// </summary>
    public bool HasLostItsSession(ProcessIdentity process) =>
        OperatingSystem.IsLinux()
        && LinuxProcesses.SessionOf(process.Pid) is > 0 and var leader // 0: opened outside of this PID namespace.
        && processes.Look(new ProcessIdentity(leader, StartTime: "", BootId: null, PidNamespace: null)) == ProcessPresence.Gone
        && processes.Look(process) == ProcessPresence.Same;

    [SupportedOSPlatform("linux")]
    private List<MarkedProcess> MarkedHere(string name) =>
    [
        .. Ours(LinuxProcesses.Mentioning("environ", name + "="))
            .Select(p => LinuxProcesses.Variable(p.Identity.Pid, name) is { } value ? new MarkedProcess(p, value) : null)
            .OfType<MarkedProcess>(),
    ];

    [SupportedOSPlatform("linux")]
    private List<CalledProcess> CalledHere(string argumentEnd) =>
    [
        .. Ours(LinuxProcesses.Mentioning("cmdline", argumentEnd))
            .Select(p => new CalledProcess(p, LinuxProcesses.Arguments(p.Identity.Pid)))
            .Where(p => p.Arguments.Any(argument => argument.EndsWith(argumentEnd, StringComparison.Ordinal))),
    ];

    // Few are worth a closer look, so the ancestry and the owners of all others are not asked for.
    [SupportedOSPlatform("linux")]
    private List<FoundProcess> Ours(List<ProcessEntry> entries)
    {
        if (entries.Count == 0)
            return [];
        var us = Ancestry(LinuxProcesses.ParentOf, Environment.ProcessId);
        return Identified(entries.Where(e => !us.Contains(e.Pid) && LinuxProcesses.IsOurs(e.Pid)));
    }

    private List<FoundProcess> Marked(EnvironmentMark mark)
    {
        var entries = List();
        if (entries.Count == 0)
            return [];
        var us = Ancestry(pid => entries.Find(e => e.Pid == pid).ParentPid, Environment.ProcessId);
        var others = entries.Where(e => !e.HasEnded && !us.Contains(e.Pid));
        var marked = WithMark(others, mark).Select(e => e.Pid).ToList();
        return marked.Count == 0 ? [] : Identified(Closure(entries, marked));
    }

    private static List<ProcessEntry> List() =>
        OperatingSystem.IsLinux() ? LinuxProcesses.List()
        : OperatingSystem.IsMacOS() ? PsProcesses.List()
        : []; // Windows: ending a child there ends its tree.

    private static IEnumerable<ProcessEntry> WithMark(IEnumerable<ProcessEntry> entries, EnvironmentMark mark) =>
        OperatingSystem.IsLinux() ? LinuxProcesses.WithMark(entries, mark) : PsProcesses.WithMark(entries, mark);

    private static HashSet<int> Ancestry(Func<int, int> parentOf, int pid)
    {
        var ancestry = new HashSet<int>();
        while (ancestry.Add(pid))
            pid = parentOf(pid); // 0 above the first process, and for one that just ended.
        return ancestry;
    }

    private static IEnumerable<ProcessEntry> Closure(List<ProcessEntry> entries, IEnumerable<int> roots)
    {
        var children = entries.ToLookup(e => e.ParentPid);
        var found = roots.ToHashSet();
        for (var next = new Queue<int>(found); next.TryDequeue(out var pid);)
        {
            foreach (var child in children[pid].Where(c => found.Add(c.Pid)))
                next.Enqueue(child.Pid);
        }

        return entries.Where(e => found.Contains(e.Pid));
    }

    private List<FoundProcess> Identified(IEnumerable<ProcessEntry> entries)
    {
        var found = new List<FoundProcess>();
        foreach (var entry in entries.Where(e => !e.HasEnded))
        {
            // Between the list and this look a PID may have become somebody else's.
            if (processes.Identify(entry.Pid) is { } identity && (entry.StartTime is null || entry.StartTime == identity.StartTime))
                found.Add(new FoundProcess(identity, entry.Command));
        }

        return found;
    }
}
