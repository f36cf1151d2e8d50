using System.Text.Json.Serialization;

namespace CodexCompanion.Tool.Selftest.Simulator.Journal;

/// <summary>The names of the events in the journal.</summary>
internal static class JournalEvents
{
    public const string ServerStarted = "server-started";
    public const string Initialized = "initialize";
    public const string ThreadStarted = "thread-started";
    public const string ThreadResumed = "thread-resumed";
    public const string ThreadReleased = "thread-released";
    public const string TurnStarted = "turn-started";
    public const string TurnSteered = "turn-steered";
    public const string TurnEnded = "turn-ended";
    public const string Interrupted = "interrupted";
    public const string Edit = "edit";
    public const string EditRefused = "edit-refused";
    public const string EditSkipped = "edit-skipped";
    public const string CommandStarted = "command-started";
    public const string CommandEnded = "command-ended";
    public const string RequestAnswered = "request-answered";
    public const string FaultFired = "fault-fired";
    public const string ServerExit = "server-exit";
}

/// <summary>One thing a simulated app-server did.</summary>
internal sealed record JournalEvent
{
    /// <summary>One of <see cref="JournalEvents"/>.</summary>
    public required string Event { get; init; }

    /// <summary>When it was written.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The server's process.</summary>
    public required int Pid { get; init; }

    /// <summary>The server instance: one per process, new with every start.</summary>
    public required string Server { get; init; }

    public string? ThreadId { get; init; }

    public string? TurnId { get; init; }

    /// <summary>The client's own name of the message that started the turn.</summary>
    public string? ClientUserMessageId { get; init; }

    /// <summary>The start of the prompt of a turn.</summary>
    public string? Prompt { get; init; }

    /// <summary>The effect an edit was made for.</summary>
    public string? Effect { get; init; }

    /// <summary>The file edited.</summary>
    public string? Path { get; init; }

    /// <summary>The name of the fault that fired.</summary>
    public string? Fault { get; init; }

    /// <summary>How a turn ended, or what a request of the server was answered with.</summary>
    public string? Status { get; init; }

    /// <summary>The process of a command, or its exit code when it ended.</summary>
    public int? Command { get; init; }

    /// <summary>Why the server went, or what it was asked.</summary>
    public string? Why { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JournalEvent))]
internal sealed partial class JournalJson : JsonSerializerContext;
