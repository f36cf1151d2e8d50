using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.StateStore;

namespace CodexCompanion.Pipeline;

/// <summary>Opens the state of the workspace that a directory belongs to.</summary>
/// <param name="cwd">An existing directory.</param>
public delegate IStateStore OpenStateStore(string cwd);

/// <summary>What the pipeline must know of the program that uses it.</summary>
public sealed record CompanionSetup
{
    /// <summary>Version of the tool.</summary>
    public required string ToolVersion { get; init; }

    /// <summary>Program that serves as broker when started with <c>broker serve</c>.</summary>
    public required string ProgramPath { get; init; }

    /// <summary>Arguments that come first when it is started (the entry dll, when the program is the dotnet host).</summary>
    public IReadOnlyList<string> ProgramArguments { get; init; } = [];

    /// <summary>The folder all state of the user lies in.</summary>
    public required string StateRoot { get; init; }

    /// <summary>The caller's environment.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>Path of codex from the user's configuration; null to look for it.</summary>
    public string? CodexPath { get; init; }

    /// <summary>Time limits.</summary>
    public TimeLimits Limits { get; init; } = new();

    /// <summary>What the user allows beforehand of that which an app-server may ask.</summary>
    public ServerRequestRules ServerRequests { get; init; } = new();
}
