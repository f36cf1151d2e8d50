using System.Runtime.InteropServices;
using System.Text;

namespace CodexCompanion.StateStore.Processes;

/// <summary>Process identity from procfs.</summary>
/// <param name="proc">Where procfs is mounted.</param>
internal sealed partial class LinuxProcessTable(string proc) : IProcessTable
{
    private const int NoSuchProcess = 3; // ESRCH

    // 52 numbers of at most 20 digits, and a name of 64 bytes.
    private const int LongestLine = 2048;

    private readonly Lazy<string?> _bootId = new(() => FirstLine(Path.Combine(proc, "sys/kernel/random/boot_id")));
    private readonly Lazy<string?> _namespace = new(() => LinkTarget(Path.Combine(proc, "self/ns/pid")));
    private readonly Lazy<ProcStat?> _self = new(() => ProcStat.Parse(FirstLine(Path.Combine(proc, "self/stat"))));

    public ProcessIdentity Self => new(Environment.ProcessId, _self.Value?.StartTime ?? "", _bootId.Value, _namespace.Value);

    // In a container that was given the host's procfs, "self" is another number there, and no number in it is one of ours.
    private bool IsOurProc => _self.Value?.Pid == Environment.ProcessId;

    public ProcessIdentity? Identify(int pid)
    {
        if (!IsOurProc || Read(pid) is not ProcRead.Found { Stat.IsZombie: false } found)
            return null;
        return new ProcessIdentity(pid, found.Stat.StartTime, _bootId.Value, _namespace.Value);
    }

    public ProcessPresence Look(ProcessIdentity recorded)
    {
        if (recorded.BootId is not null && _bootId.Value is not null && recorded.BootId != _bootId.Value)
            return ProcessPresence.Gone;
        if (!IsOurProc || (recorded.PidNamespace is not null && recorded.PidNamespace != _namespace.Value))
            return ProcessPresence.Unknown;
        return Read(recorded.Pid) switch
        {
            ProcRead.None => ProcessPresence.Gone,
            ProcRead.Found { Stat.IsZombie: true } => ProcessPresence.Gone,
            ProcRead.Found when string.IsNullOrEmpty(recorded.StartTime) => ProcessPresence.Unknown,
            ProcRead.Found found => found.Stat.StartTime == recorded.StartTime ? ProcessPresence.Same : ProcessPresence.Other,
            _ => ProcessPresence.Unknown,
        };
    }

    private ProcRead Read(int pid)
    {
        if (pid <= 0)
            return new ProcRead.None();
        try
        {
            var stat = ProcStat.Parse(Line(Path.Combine(proc, $"{pid}/stat")));
            return stat is null ? new ProcRead.Hidden() : new ProcRead.Found(stat);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // With hidepid=2 the processes of others are not even listed; a signal that is none tells them from the dead.
            return Signal(pid, signal: 0) != 0 && Marshal.GetLastPInvokeError() == NoSuchProcess ? new ProcRead.None() : new ProcRead.Hidden();
        }
        catch (IOException e) when (e.HResult == NoSuchProcess)
        {
            return new ProcRead.None(); // It ended between the opening and the reading.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new ProcRead.Hidden(); // It is there and we may not look at it.
        }
    }

    // Without the buffers of a reader: among fifty jobs they would be a megabyte.
    private static string Line(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        Span<byte> line = stackalloc byte[LongestLine];
        return Encoding.UTF8.GetString(line[..RandomAccess.Read(file, line, fileOffset: 0)]);
    }

    private static string? FirstLine(string path)
    {
        try
        {
            return File.ReadAllText(path).TrimEnd('\n');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // Such a system does not tell; the part is left out of identities.
        }
    }

    private static string? LinkTarget(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // As above.
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Signal(int pid, int signal);

    private abstract record ProcRead
    {
        public sealed record Found(ProcStat Stat) : ProcRead;

        public sealed record None : ProcRead;

        public sealed record Hidden : ProcRead;
    }
}
