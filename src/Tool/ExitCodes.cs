using CodexCompanion.Pipeline.Turns;

namespace CodexCompanion.Tool;

/// <summary>Every exit code of the tool. Scripts depend on them: a number never changes its meaning.</summary>
internal static class ExitCodes
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>The job or the command failed, or nothing matched.</summary>
    public const int Failed = 1;

    /// <summary>The command line, a file it names or the configuration is wrong; nothing was started.</summary>
    public const int Usage = 2;

    /// <summary>Not finished in time, still running.</summary>
    public const int StillRunning = 3;

    /// <summary>Codex is missing, too old, does not start, or is not logged in.</summary>
    public const int CodexUnavailable = 4;

    /// <summary>Quota or capacity.</summary>
    public const int Quota = 5;

    /// <summary>Busy or locked.</summary>
    public const int Busy = 6;

    /// <summary>The worker or the connection was lost.</summary>
    public const int Lost = 7;

    /// <summary>A review found something at or above <c>--fail-on</c>.</summary>
    public const int Findings = 8;

    /// <summary>The job was cancelled.</summary>
    public const int Cancelled = 9;

    /// <summary>A check of doctor crashed, or a repair of its was taken back.</summary>
    public const int DoctorFailed = 10;

    /// <summary>The time limit or the stall limit was reached; the number of coreutils' timeout.</summary>
    public const int TimeLimit = 124;

    /// <summary>A shell reports a process ended by signal n as 128 + n.</summary>
    public const int SignalBase = 128;

    /// <summary>The exit code of a failure.</summary>
    public static int Of(FailureKind kind) => kind switch
    {
        FailureKind.CodexMissing or FailureKind.CodexTooOld or FailureKind.CodexBroken or FailureKind.NotLoggedIn => CodexUnavailable,
        FailureKind.UsageLimit or FailureKind.Capacity => Quota,
        FailureKind.Busy => Busy,
        FailureKind.ConnectionLost => Lost,
        FailureKind.TimeLimit or FailureKind.Stalled => TimeLimit,
        _ => Failed,
    };
}
