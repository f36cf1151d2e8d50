using System.Text.Json;
using CodexCompanion.Pipeline.Turns;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Commands;

namespace CodexCompanion.Tool.Jobs;

/// <summary>How a job of any kind ended, with everything that is recorded and printed of it.</summary>
internal sealed record JobEnd
{
    /// <summary>The outcome of its turn.</summary>
    public required Outcome Outcome { get; init; }

    /// <summary>The error to report; null for a completed job.</summary>
    public required CommandError? Error { get; init; }

    /// <summary>What <c>--json</c> prints and the record keeps: the kind's own shape.</summary>
    public required JsonElement Result { get; init; }

    /// <summary>What a person gets to read; null when the turn brought nothing.</summary>
    public required string? Rendered { get; init; }

    /// <summary>The exit code.</summary>
    public required int ExitCode { get; init; }
}

/// <summary>What was heard of a run besides its outcome.</summary>
/// <param name="ThreadId">The thread, once it was known; null when it never was.</param>
/// <param name="Notes">What had to be done to get the result, a sentence each.</param>
/// <param name="Signal">The signal that asked the run to stop; null for none.</param>
/// <param name="Names">How commands are called where the job was started.</param>
internal sealed record RunFacts(string? ThreadId, IReadOnlyList<string> Notes, int? Signal, CommandNames Names)
{
    /// <summary>The exit code of a job that ended with this error. One that was asked to stop and had already completed is complete.</summary>
    public int ExitCodeOf(CommandError? error) =>
        error is null ? ExitCodes.Done : Signal is { } number ? ExitCodes.SignalBase + number : error.ExitCode;
}
