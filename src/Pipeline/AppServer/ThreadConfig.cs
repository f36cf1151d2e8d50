using System.Text.Json;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Turns;

namespace CodexCompanion.Pipeline.AppServer;

/// <summary>
/// The <c>config</c> of a thread: the user's <c>-c</c> overrides as they are, and the environment its commands see. The server sets one
/// key after the other in no fixed order, so a key and one below it would overwrite each other (measured): everything below
/// <c>shell_environment_policy.set</c> is therefore sent as one map. That map is laid over the one in config.toml, name by name.
/// </summary>
public sealed class ThreadConfig
{
    /// <summary>The table of the configuration that says what commands inherit.</summary>
    internal const string Policy = "shell_environment_policy";

    private const string Set = Policy + ".set";
    private const string IncludeOnly = Policy + ".include_only";

    private readonly Dictionary<string, JsonElement> _settings = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _variables = new(StringComparer.Ordinal);
    private readonly List<string> _includeOnly = [];

    private ThreadConfig()
    {
    }

    /// <summary>The variables set for the thread's commands.</summary>
    public IReadOnlyDictionary<string, string> Variables => _variables;

    /// <summary>Makes the config of a request's thread.</summary>
    /// <param name="request">The request.</param>
    /// <param name="resolved">The resolved configuration (<c>config</c> of <c>config/read</c>); undefined when it could not be read.</param>
    public static ThreadConfig For(TurnRequest request, JsonElement resolved)
    {
        var config = new ThreadConfig();
        var overridden = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in request.Config)
            config.Take(key, value, overridden);

        var policy = EnvironmentPolicy.Read(name => config.Find(name) ?? resolved.Member(Policy).Member(name));
        foreach (var (name, value) in policy.Inherited(request.Environment))
            config._variables[name] = value;
        foreach (var variable in overridden)
            config._variables[variable.Key] = variable.Value;
        config._variables[EnvironmentPolicy.JobMark] = request.JobId;

        // include_only is applied after set, and would take the mark away.
        if (policy.IncludeOnly.Count > 0)
            config._includeOnly.AddRange([.. policy.IncludeOnly, EnvironmentPolicy.JobMark]);
        return config;
    }

    /// <summary>Writes the config as an object.</summary>
    public void Write(Utf8JsonWriter w)
    {
        w.WriteStartObject();
        foreach (var key in Sorted(_settings.Keys))
        {
            if (key == IncludeOnly)
                continue;
            w.WritePropertyName(key);
            _settings[key].WriteTo(w);
        }

        w.WriteStartObject(Set);
        foreach (var name in Sorted(_variables.Keys))
            w.WriteString(name, _variables[name]);
        w.WriteEndObject();
        if (_includeOnly.Count > 0)
        {
            w.WriteStartArray(IncludeOnly);
            foreach (var pattern in _includeOnly)
                w.WriteStringValue(pattern);
            w.WriteEndArray();
        }

        w.WriteEndObject();
    }

    // The same request is the same line on every machine, whatever the order of its environment.
    private static string[] Sorted(IEnumerable<string> names)
    {
        string[] sorted = [.. names];
        Array.Sort(sorted, StringComparer.Ordinal);
        return sorted;
    }

    private void Take(string key, JsonElement value, Dictionary<string, string> overridden)
    {
        var isTable = value.ValueKind == JsonValueKind.Object;
        if (isTable && key is Policy or Set)
        {
            foreach (var member in value.EnumerateObject())
                Take($"{key}.{member.Name}", member.Value, overridden);
        }
        else if (key.StartsWith(Set + ".", StringComparison.Ordinal))
        {
            overridden[key[(Set.Length + 1)..]] = value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : value.GetRawText();
        }
        else
        {
            _settings[key] = value;
        }
    }

    private JsonElement? Find(string name) => _settings.TryGetValue($"{Policy}.{name}", out var value) ? value : null;
}
