namespace CodexCompanion.Tool.Selftest.Simulator.Script;

/// <summary>The faults reports are about, by their everyday names. Refine one with <c>with { Turn = 2 }</c> and the like.</summary>
internal static class Faults
{
    /// <summary>Answers the turn, then exits with 0.</summary>
    public static SimulatedFault ExitAfterTurn(string name = "exit-after-turn") =>
        new() { Name = name, Action = FaultAction.Exit, At = FaultPoint.TurnCompleted };

    /// <summary>Closes its stdin when a turn is asked for; the turn is answered.</summary>
    public static SimulatedFault CloseStdin(string name = "close-stdin") =>
        new() { Name = name, Action = FaultAction.CloseStdin, At = FaultPoint.TurnRequested };

    /// <summary>Closes its stdout in mid-turn; the turn goes on unseen.</summary>
    public static SimulatedFault CloseStdout(string name = "close-stdout") =>
        new() { Name = name, Action = FaultAction.CloseStdout, At = FaultPoint.Thinking };

    /// <summary>Cannot even start.</summary>
    public static SimulatedFault ExitAtStart(int exitCode = 1, string text = "error: failed to load configuration", string name = "exit-at-start") =>
        new() { Name = name, Action = FaultAction.Exit, At = FaultPoint.ProcessStart, ExitCode = exitCode, Text = text };

    /// <summary>Exits between <c>turn/start</c> and <c>turn/completed</c>.</summary>
    public static SimulatedFault DropTurn(FaultPoint at = FaultPoint.Thinking, string name = "drop-turn") =>
        new() { Name = name, Action = FaultAction.Exit, At = at };

    /// <summary>Is killed with SIGKILL.</summary>
    public static SimulatedFault Kill(FaultPoint at, string name = "kill") => new() { Name = name, Action = FaultAction.Kill, At = at };

    /// <summary>Goes silent.</summary>
    public static SimulatedFault Stall(FaultPoint at = FaultPoint.Thinking, string name = "stall") =>
        new() { Name = name, Action = FaultAction.Stall, At = at };

    /// <summary>Never answers <c>initialize</c>.</summary>
    public static SimulatedFault NeverInitialize(string name = "never-initialize") => Stall(FaultPoint.Initialize, name);

    /// <summary>Takes its time for every request.</summary>
    public static SimulatedFault SlowAnswers(int milliseconds, string name = "slow-answers") =>
        new() { Name = name, Action = FaultAction.Delay, At = FaultPoint.Request, Milliseconds = milliseconds };

    /// <summary>Says things on stdout that are no messages, with every turn.</summary>
    public static SimulatedFault NoiseOnStdout(string name = "noise-stdout") =>
        new() { Name = name, Action = FaultAction.NoiseOnStdout, At = FaultPoint.TurnAnswered };

    /// <summary>Fills stderr, with every turn.</summary>
    public static SimulatedFault NoiseOnStderr(string name = "noise-stderr") =>
        new() { Name = name, Action = FaultAction.NoiseOnStderr, At = FaultPoint.TurnAnswered };

    /// <summary>Refuses a turn as overloaded, once over all processes.</summary>
    public static SimulatedFault OverloadedOnce(string name = "overloaded") =>
        new() { Name = name, Action = FaultAction.Overloaded, At = FaultPoint.TurnRequested, Times = 1 };

    /// <summary>Claims to be another version: an old one, or one that cannot be read.</summary>
    public static SimulatedFault ReportVersion(string version = "0.120.0", string name = "report-version") =>
        new() { Name = name, Action = FaultAction.ReportVersion, At = FaultPoint.Initialize, Text = version };
}
