using System.Text.Json;
using CodexCompanion.Pipeline;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Turns;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Configuration;

namespace CodexCompanion.Tool.Commands;

/// <summary>What a task runs with, the command line's word over the settings'.</summary>
internal sealed record Resolved(
    SandboxMode Sandbox,
    string? Model,
    string? Effort,
    string? CodexPath,
    bool NoBroker,
    TimeLimits Limits,
    IReadOnlyDictionary<string, JsonElement> Config)
{
    /// <summary>How requests of the app-server are answered that nobody is there to answer.</summary>
    public ServerRequestRules ServerRequests { get; init; } = new();

    /// <summary>Puts the options on top of the settings.</summary>
    public static Resolved From(TaskArguments arguments, Settings settings, GivenOptions options)
    {
        var config = settings.CodexConfig.ToDictionary(pair => pair.Key, pair => pair.Value.Value, StringComparer.Ordinal);
        foreach (var (key, value) in arguments.Config)
            config[key] = value; // The later one wins, as in codex.
        return new Resolved(
            arguments.Sandbox ?? settings.Sandbox.Value,
            settings.ResolveModel(options.Value(TaskOptions.Model) ?? settings.Model.Value),
            options.Value(TaskOptions.Effort) ?? settings.Effort.Value,
            settings.CodexPath.Value,
            options.Has(TaskOptions.NoBroker) || settings.NoBroker.Value,
            settings.Limits with
            {
                Turn = arguments.TimeLimit ?? settings.Limits.Turn,
                Stall = arguments.StallLimit ?? settings.Limits.Stall,
            },
            config)
        {
            ServerRequests = settings.ServerRequests,
        };
    }
}
