namespace CodexCompanion.Pipeline.Processes;

/// <summary>How a process ended. Both members are null when that is not known.</summary>
/// <param name="Code">Its exit code; null when a signal ended it.</param>
/// <param name="Signal">The signal that ended it; null when none did.</param>
public sealed record ChildExit(int? Code, int? Signal)
{
    // The two parts of a wait status that POSIX systems agree on in practice, whatever macros they offer.
    private const int SignalMask = 0x7f;
    private const int CodeShift = 8;
    private const int CodeMask = 0xff;

    /// <summary>It ended, and the system told somebody else how.</summary>
    public static ChildExit Unknown { get; } = new(Code: null, Signal: null);

    /// <summary>In words, to follow the name of the process: "exited with code 3".</summary>
    public string Description => (Code, Signal) switch
    {
        ({ } code, _) => $"exited with code {code}",
        (_, { } signal) => $"was ended by signal {signal}{NameOf(signal)}",
        _ => "ended in a way the system did not tell",
    };

    /// <inheritdoc/>
    public override string ToString() => Description;

    /// <summary>Reads what waitpid reported.</summary>
    internal static ChildExit FromWaitStatus(int status)
    {
        var signal = status & SignalMask;
        return signal == 0 ? new ChildExit((status >> CodeShift) & CodeMask, Signal: null) : new ChildExit(Code: null, signal);
    }

    // Only numbers that mean the same on Linux and macOS.
    private static string NameOf(int signal) => signal switch
    {
        1 => " (SIGHUP)",
        2 => " (SIGINT)",
        3 => " (SIGQUIT)",
        4 => " (SIGILL)",
        5 => " (SIGTRAP)",
        6 => " (SIGABRT)",
        8 => " (SIGFPE)",
        9 => " (SIGKILL)",
        11 => " (SIGSEGV)",
        13 => " (SIGPIPE)",
        15 => " (SIGTERM)",
        _ => "",
    };
}
