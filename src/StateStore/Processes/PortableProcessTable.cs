using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace CodexCompanion.StateStore.Processes;

/// <summary>
/// Process identity where the system tells every observer the same creation time (macOS, Windows). Not for Linux, where the runtime
/// computes it from a clock that moves. Not run on those systems yet.
/// </summary>
internal sealed class PortableProcessTable : IProcessTable
{
    private readonly Lazy<ProcessIdentity> _self = new(() =>
    {
        using var self = Process.GetCurrentProcess();
        return IdentityOf(self);
    });

    public ProcessIdentity Self => _self.Value;

    public ProcessIdentity? Identify(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return process.HasExited ? null : IdentityOf(process);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return null; // There is none, it went away just now, or it is not ours to look at.
        }
    }

    public ProcessPresence Look(ProcessIdentity recorded)
    {
        try
        {
            using var process = Process.GetProcessById(recorded.Pid);
            if (process.HasExited)
                return ProcessPresence.Gone;
            if (string.IsNullOrEmpty(recorded.StartTime))
                return ProcessPresence.Unknown;
            return IdentityOf(process).StartTime == recorded.StartTime ? ProcessPresence.Same : ProcessPresence.Other;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return ProcessPresence.Gone; // No process has that id, or it ended while we looked.
        }
        catch (Win32Exception)
        {
            return ProcessPresence.Unknown; // It is there and we may not look at it.
        }
    }

    private static ProcessIdentity IdentityOf(Process process) => new(
        process.Id,
        process.StartTime.ToUniversalTime().Ticks.ToString(CultureInfo.InvariantCulture),
        BootId: null,
        PidNamespace: null);
}
