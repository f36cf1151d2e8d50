using System.ComponentModel;
using System.Diagnostics;
using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.Pipeline.Processes;

/// <summary>How hard a process is asked to end.</summary>
internal enum EndingSignal
{
    /// <summary>SIGTERM.</summary>
    Terminate = 15,

    /// <summary>SIGKILL.</summary>
    Kill = 9,
}

/// <summary>Signals a process by its identity: never one that merely has its PID now.</summary>
internal static class ProcessSignal
{
    /// <summary>Signals it if it still is the recorded one.</summary>
    /// <returns>Whether a signal was sent.</returns>
    public static bool Send(IProcessTable processes, ProcessIdentity target, EndingSignal signal)
    {
        if (OperatingSystem.IsWindows())
            return EndPortably(processes, target, signal);

        // A handle taken before the look means the recorded process if the look finds it: no PID can change hands between the look and
        // the signal. Without such handles (older kernels, macOS) an instant remains in which it could.
        var handle = OperatingSystem.IsLinux() ? Libc.PidfdOpen(target.Pid) : -1;
        try
        {
            if (processes.Look(target) != ProcessPresence.Same)
                return false;
            return (handle >= 0 && Libc.PidfdSend(handle, (int)signal)) || Libc.Signal(target.Pid, (int)signal) == 0;
        }
        finally
        {
            if (handle >= 0)
                Libc.Close(handle);
        }
    }

    // Windows has no polite signal for a process without a window. Not run there yet.
    private static bool EndPortably(IProcessTable processes, ProcessIdentity target, EndingSignal signal)
    {
        if (signal == EndingSignal.Terminate || processes.Look(target) != ProcessPresence.Same)
            return false;
        try
        {
            using var process = Process.GetProcessById(target.Pid);
            process.Kill(entireProcessTree: true);
            return true;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception or AggregateException)
        {
            return false; // It ended just now, or is not ours to end; the caller looks again.
        }
    }
}
