using System.ComponentModel;
using System.Runtime.InteropServices;

namespace CodexCompanion.EndToEnd.Tests.Harness;

/// <summary>The signals the tests send, with Linux's numbers (macOS differs in the last one).</summary>
public enum Signal
{
    Interrupt = 2,
    Kill = 9,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
}

/// <summary>Sends signals to single processes.</summary>
internal static partial class Signals
{
    private const int NoSuchProcess = 3;
    private const nint Default = 0;
    private const nint Ignored = 1;

    /// <summary>Sends a signal; false when there is no such process any more.</summary>
    public static bool Send(int pid, Signal signal)
    {
        // 0 and negative ids address whole groups: never what a test means.
        ArgumentOutOfRangeException.ThrowIfLessThan(pid, 2);
        if (Kill(pid, (int)signal) == 0)
            return true;
        var error = Marshal.GetLastPInvokeError();
        return error == NoSuchProcess ? false : throw new Win32Exception(error);
    }

    /// <summary>
    /// Makes SIGINT count again for the processes started from here: a script's background job ignores it and would hand that on, and
    /// a test of Ctrl-C would then test nothing.
    /// </summary>
    public static void HeedInterrupts()
    {
        var before = SetHandler((int)Signal.Interrupt, Default);
        if (before is not Ignored and not Default)
            _ = SetHandler((int)Signal.Interrupt, before);
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint SetHandler(int signal, nint handler);
}
