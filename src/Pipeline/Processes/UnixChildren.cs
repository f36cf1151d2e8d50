using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace CodexCompanion.Pipeline.Processes;

/// <summary>
/// The children this process started with <see cref="UnixSpawn"/> and has not yet waited for. Asks for each by its own PID, so that
/// neither .NET's children nor adopted ones are touched. Until a child was waited for, its PID cannot be given to another process:
/// signalling it under the same lock is safe.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal static class UnixChildren
{
    // SIGCHLD tells at once. It never comes where our parent blocked it, so there is a slow look as well.
    private static readonly TimeSpan SlowLook = TimeSpan.FromSeconds(1);

    private static readonly Lock Gate = new();
    private static readonly Dictionary<int, TaskCompletionSource<ChildExit>> Running = [];
    private static PosixSignalRegistration? _onChildSignal;
    private static ITimer? _slowLook;

    /// <summary>Starts a child and watches for its end.</summary>
    /// <returns>Its PID, or the error number negated.</returns>
    public static int Start(ChildStart start, ChildStdio stdio, out Task<ChildExit> exited)
    {
        var exit = new TaskCompletionSource<ChildExit>(TaskCreationOptions.RunContinuationsAsynchronously);
        exited = exit.Task;
        lock (Gate)
        {
            _onChildSignal ??= ListenForEnds();
            var pid = UnixSpawn.Start(start, stdio);
            if (pid <= 0)
                return pid;
            Running.Add(pid, exit);
            _slowLook ??= TimeProvider.System.CreateTimer(_ => Look(), state: null, SlowLook, SlowLook);
            return pid;
        }
    }

    /// <summary>Signals a child, unless it has ended.</summary>
    public static bool Signal(int pid, int signal)
    {
        lock (Gate)
            return Running.ContainsKey(pid) && Libc.Signal(pid, signal) == 0;
    }

    /// <summary>Runs something while no child of ours can come or go.</summary>
    /// <param name="action">Is told how to know a child of ours.</param>
    public static T Undisturbed<T>(Func<Predicate<int>, T> action)
    {
        lock (Gate)
            return action(Running.ContainsKey);
    }

    // A parent that ignores SIGCHLD hands that down to us: .NET leaves it so, and the system then throws exit codes away.
    private static PosixSignalRegistration ListenForEnds()
    {
        if (OperatingSystem.IsLinux() && LinuxSignals.IsIgnored(LinuxSignals.ChildEnded))
            LinuxSignals.SetDefault(LinuxSignals.ChildEnded);
        return PosixSignalRegistration.Create(PosixSignal.SIGCHLD, _ => Look());
    }

    private static void Look()
    {
        lock (Gate)
        {
            foreach (var (pid, exit) in Running)
            {
                var found = Libc.TryWait(pid, out var status);
                if (found == 0)
                    continue;
                Running.Remove(pid); // Allowed while enumerating, since .NET Core 3.

                // Where our parent left SIGCHLD ignored, somebody else may have collected it.
                exit.SetResult(found == pid ? ChildExit.FromWaitStatus(status) : ChildExit.Unknown);
            }

            if (Running.Count > 0)
                return;
            _slowLook?.Dispose();
            _slowLook = null;
        }
    }
}
