using System.Text.Json;
using CodexCompanion.Pipeline;
using CodexCompanion.Tool.CommandLine;

namespace CodexCompanion.Tool.Mcp;

/// <summary>The arguments of a call, checked against the tool's parameters.</summary>
internal sealed class ToolArguments
{
    private readonly Dictionary<string, JsonElement> _given;
    private readonly ToolSpec _tool;

    private ToolArguments(ToolSpec tool, Dictionary<string, JsonElement> given)
    {
        _tool = tool;
        _given = given;
    }

    /// <summary>Checks them. A null counts as not given: models write it for what they leave out.</summary>
    public static Attempt<ToolArguments> Read(ToolSpec tool, IDictionary<string, JsonElement>? arguments)
    {
        var given = (arguments ?? new Dictionary<string, JsonElement>(StringComparer.Ordinal))
            .Where(pair => pair.Value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined))
            .ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal);
        foreach (var (name, value) in given)
        {
            var parameter = tool.Parameters.FirstOrDefault(known => known.Name == name);
            if (parameter is null)
            {
                var meant = Suggestion.For(name, tool.Parameters.Select(known => known.Name));
                return CommandError.Usage($"The tool '{tool.Name}' has no argument '{name}'{(meant is null ? "." : $"; did you mean '{meant}'?")}");
            }

            if (!parameter.Takes(value))
                return CommandError.Usage($"The argument '{name}' needs {parameter.Expected}.");
        }

        var missing = tool.Parameters.FirstOrDefault(parameter => parameter.Required && !given.ContainsKey(parameter.Name));
        return missing is null
            ? new ToolArguments(tool, given)
            : CommandError.Usage($"The tool '{tool.Name}' needs the argument '{missing.Name}'.");
    }

    /// <summary>A text; null when it was not given.</summary>
    public string? Text(ToolParameter parameter) => _given.TryGetValue(parameter.Name, out var value) ? value.GetString() : null;

    /// <summary>Whether a flag is set.</summary>
    public bool Has(ToolParameter parameter) => _given.TryGetValue(parameter.Name, out var value) && value.ValueKind != JsonValueKind.False;

    /// <summary>A time; no value and no error when it was not given.</summary>
    public Attempt<Span> Time(ToolParameter parameter)
    {
        if (Text(parameter) is not { } text)
            return new Span(null);
        return Duration.TryParse(text, out var span)
            ? new Span(span)
            : CommandError.Usage($"The argument '{parameter.Name}' needs {Duration.Expected}, and got '{text}'.");
    }

    /// <summary>What of them are options of a command, each as one word: a value that begins with a dash stays a value.</summary>
    public IEnumerable<string> Options()
    {
        foreach (var parameter in _tool.Parameters.Where(parameter => parameter.Option is not null && _given.ContainsKey(parameter.Name)))
        {
            var value = _given[parameter.Name];
            var name = parameter.Option!.Display;
            if (parameter.Arity == OptionArity.Repeated)
            {
                foreach (var item in value.EnumerateArray())
                    yield return $"{name}={item.GetString()}";
            }
            else if (parameter.Arity == OptionArity.Value)
            {
                yield return $"{name}={value.GetString()}";
            }
            else if (value.ValueKind == JsonValueKind.True)
            {
                yield return name;
            }
        }
    }

    /// <summary>A time, or none.</summary>
    internal sealed record Span(TimeSpan? Value);
}
