using System.Text.Json.Nodes;

namespace CodexCompanion.Tool.Selftest.Simulator.Turns;

/// <summary>The part of a thread's config that says in which environment its commands run.</summary>
/// <param name="Inherit">Whether commands see the server's own environment.</param>
/// <param name="Set">What is added to it.</param>
internal sealed record ShellEnvironment(bool Inherit, IReadOnlyDictionary<string, string> Set)
{
    private const string Policy = "shell_environment_policy";

    /// <summary>Reads <c>shell_environment_policy</c>, nested or with dotted names.</summary>
    public static ShellEnvironment From(JsonObject? config)
    {
        var inherit = (config?[Policy]?["inherit"] ?? config?[Policy + ".inherit"])?.GetValue<string>() is not "none";
        var set = new Dictionary<string, string>(StringComparer.Ordinal);
        if ((config?[Policy]?["set"] ?? config?[Policy + ".set"]) is JsonObject members)
        {
            foreach (var (name, value) in members)
                set[name] = value?.ToString() ?? "";
        }

        return new ShellEnvironment(inherit, set);
    }

    /// <summary>Fills the environment of a command about to be started.</summary>
    public void ApplyTo(IDictionary<string, string?> environment)
    {
        if (!Inherit)
            environment.Clear();
        foreach (var (name, value) in Set)
            environment[name] = value;
    }
}
