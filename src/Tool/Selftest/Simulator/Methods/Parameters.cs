using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using CodexCompanion.Tool.Selftest.Simulator.Wire;

namespace CodexCompanion.Tool.Selftest.Simulator.Methods;

/// <summary>The parameters of a request, with codex's own complaints about them.</summary>
/// <param name="Json">The object the client sent.</param>
internal sealed record Parameters(JsonObject Json)
{
    private static readonly SearchValues<char> IdCharacters = SearchValues.Create("0123456789abcdefABCDEF-");

    /// <summary>The parameters of a method that needs an object of them.</summary>
    public static Parameters Of(JsonObject message) =>
        message["params"] is JsonObject json ? new Parameters(json) : throw Missing("params");

    /// <summary>A text that must be there.</summary>
    public string Text(string name) => OptionalText(name) ?? throw Missing(name);

    /// <summary>A text that may be missing or null.</summary>
    public string? OptionalText(string name)
    {
        var value = Json[name];
        if (value is null)
            return null;
        return value.GetValueKind() switch
        {
            JsonValueKind.String => value.GetValue<string>(),
            JsonValueKind.Number => throw new RpcRefusalException(
                $"Invalid request: invalid type: integer `{value.ToJsonString()}`, expected a string"),
            _ => throw new RpcRefusalException($"Invalid request: invalid type: {Kind(value)}, expected a string"),
        };
    }

    /// <summary>A flag; false when missing or null.</summary>
    public bool Flag(string name) => Json[name] is JsonValue value && value.TryGetValue(out bool flag) && flag;

    /// <summary>A number, or null.</summary>
    public int? Number(string name) => Json[name] is JsonValue value && value.TryGetValue(out int number) ? number : null;

    /// <summary>An object, or null.</summary>
    public JsonObject? Object(string name) => Json[name] as JsonObject;

    /// <summary>A list that must be there.</summary>
    public JsonArray List(string name) => Json[name] as JsonArray ?? throw Missing(name);

    /// <summary>A text that must be one of a few; null when missing.</summary>
    public string? Choice(string name, params string[] choices)
    {
        var chosen = OptionalText(name);
        return chosen is null || Array.IndexOf(choices, chosen) >= 0 ? chosen : throw UnknownVariant(chosen, choices);
    }

    /// <summary>The id of a thread.</summary>
    public string ThreadId()
    {
        var id = Text("threadId");
        if (Guid.TryParseExact(id, "D", out _))
            return id;
        var at = id.AsSpan().IndexOfAnyExcept(IdCharacters);
        throw new RpcRefusalException(at < 0
            ? $"invalid thread id: invalid length: expected length 32 for simple format, found {id.Length}"
            : $"invalid thread id: invalid character: expected an optional prefix of `urn:uuid:` followed by [0-9a-fA-F-], found `{id[at]}` at {at + 1}");
    }

    /// <summary>The complaint about a value, or a method, that does not exist.</summary>
    public static RpcRefusalException UnknownVariant(string variant, params string[] known) => new(known.Length == 1
        ? $"Invalid request: unknown variant `{variant}`, expected `{known[0]}`"
        : $"Invalid request: unknown variant `{variant}`, expected one of {string.Join(", ", known.Select(k => $"`{k}`"))}");

    private static RpcRefusalException Missing(string name) => new($"Invalid request: missing field `{name}`");

    private static string Kind(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.Object => "map",
        JsonValueKind.Array => "sequence",
        _ => $"boolean `{value.ToJsonString()}`",
    };
}
