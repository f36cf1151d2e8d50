using System.Text.Json;
using CodexCompanion.Pipeline;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Turns;

namespace CodexCompanion.Tool.Configuration;

/// <summary>Where a setting comes from, weakest first: a later one wins.</summary>
internal enum Origin
{
    /// <summary>Built in.</summary>
    Default,

    /// <summary>The user's configuration file.</summary>
    User,

    /// <summary>The file in the workspace. It may belong to a cloned repository, so it is not trusted.</summary>
    Project,

    /// <summary>An environment variable.</summary>
    Environment,

    /// <summary>An option on the command line.</summary>
    Flag,
}

/// <summary>A value and where it comes from.</summary>
internal sealed record Setting<T>(T Value, Origin Origin);

/// <summary>Everything that can be configured, resolved.</summary>
internal sealed record Settings
{
    /// <summary>Model for new turns; null for Codex's own default.</summary>
    public Setting<string?> Model { get; init; } = new(null, Origin.Default);

    /// <summary>Reasoning effort; null for the model's default.</summary>
    public Setting<string?> Effort { get; init; } = new(null, Origin.Default);

    /// <summary>What a task may touch when the command line does not say.</summary>
    public Setting<SandboxMode> Sandbox { get; init; } = new(SandboxMode.ReadOnly, Origin.Default);

    /// <summary>Path of codex; null to look for it.</summary>
    public Setting<string?> CodexPath { get; init; } = new(null, Origin.Default);

    /// <summary>Whether the shared broker is never used.</summary>
    public Setting<bool> NoBroker { get; init; } = new(Value: false, Origin.Default);

    /// <summary>What a review looks at when the command line does not say: auto, working-tree or branch.</summary>
    public Setting<string> ReviewScope { get; init; } = new("auto", Origin.Default);

    /// <summary>Model of the stop hook's review; null for that of every other turn.</summary>
    public Setting<string?> StopReviewModel { get; init; } = new(null, Origin.Default);

    /// <summary>Reasoning effort of the stop hook's review; null for that of every other turn.</summary>
    public Setting<string?> StopReviewEffort { get; init; } = new(null, Origin.Default);

    /// <summary>How often in a row, a turn each, the stop hook may send a session back to work. Three: what was not mended by then needs a person.</summary>
    public Setting<int> StopReviewRounds { get; init; } = new(3, Origin.Default);

    /// <summary>Short names of models.</summary>
    public IReadOnlyDictionary<string, Setting<string>> Aliases { get; init; } = new Dictionary<string, Setting<string>>(StringComparer.Ordinal)
    {
        ["spark"] = new("gpt-5.3-codex-spark", Origin.Default),
    };

    /// <summary>Codex configuration sent with every thread, by dotted key; <c>-c</c> comes on top.</summary>
    public IReadOnlyDictionary<string, Setting<JsonElement>> CodexConfig { get; init; } =
        new Dictionary<string, Setting<JsonElement>>(StringComparer.Ordinal);

    /// <summary>Time limits.</summary>
    public TimeLimits Limits { get; init; } = new();

    /// <summary>The limits that were changed, by name, as they were written.</summary>
    public IReadOnlyDictionary<string, Setting<string>> LimitTexts { get; init; } =
        new Dictionary<string, Setting<string>>(StringComparer.Ordinal);

    /// <summary>How requests of the app-server are answered that nobody is there to answer.</summary>
    public ServerRequestRules ServerRequests { get; init; } = new();

    /// <summary>The model behind a name: an alias's model, or the name itself.</summary>
    public string? ResolveModel(string? name) => name is not null && Aliases.TryGetValue(name, out var alias) ? alias.Value : name;
}
