using System.Collections;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.Tool.Jobs;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Commands;

/// <summary>Everything a command takes from outside, so that tests can give it something else. Building one does no work.</summary>
internal sealed record ToolHost
{
    /// <summary>The environment.</summary>
    public required IReadOnlyDictionary<string, string> Variables { get; init; }

    /// <summary>The directory the process was started in.</summary>
    public required string CurrentDirectory { get; init; }

    /// <summary>Whether the arguments hold something else than the bytes that were given.</summary>
    public bool ArgumentsAreDamaged { get; init; }

    /// <summary>stdin, stdout, stderr.</summary>
    public required StandardStreams Streams { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Looks at processes; made when it is needed.</summary>
    public Func<IProcessTable> Processes { get; init; } = () => new ProcessTable();

    /// <summary>Opens the state of a workspace, below a state root.</summary>
    public required Func<ToolHost, Workspace, string, IStateStore> OpenStore { get; init; }

    /// <summary>Builds what runs a turn.</summary>
    public required Func<ToolHost, TurnRunSetup, ITurnRun> CreateRun { get; init; }

    /// <summary>Listens for the signals that end a run.</summary>
    public Func<IStopSignals> ListenForStop { get; init; } = () => new PosixStopSignals();

    /// <summary>How to start this tool again.</summary>
    public Func<OwnProgram> Program { get; init; } = OwnProgram.Running;

    /// <summary>The Claude session that called; null when none did.</summary>
    public string? SessionId => Variable("CLAUDE_CODE_SESSION_ID") ?? Variable("CODEX_COMPANION_SESSION_ID");

    /// <summary>A variable that is set and not empty.</summary>
    public string? Variable(string name) => Variables.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    /// <summary>The environment of this process.</summary>
    public static Dictionary<string, string> ProcessVariables()
    {
        var variables = new Dictionary<string, string>(
            OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);
        foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables())
            variables[(string)entry.Key] = (string?)entry.Value ?? "";
        return variables;
    }
}
