using System.Text.Json;
using CodexCompanion.Tool.CommandLine;

namespace CodexCompanion.Tool.Mcp;

/// <summary>One argument of a tool, as the host's model sees it, and what it becomes on a command line of ours.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Arity">Flag: true or false; Value: a text; Repeated: a list of texts.</param>
/// <param name="Description">One line for the model.</param>
internal sealed record ToolParameter(string Name, OptionArity Arity, string Description)
{
    /// <summary>The option it is given to; null for one that the tool itself understands.</summary>
    public OptionSpec? Option { get; init; }

    /// <summary>Whether a call without it is refused.</summary>
    public bool Required { get; init; }

    /// <summary>An option of a command, under its own name and with its own description.</summary>
    public static ToolParameter Of(OptionSpec option) =>
        new(option.Name.Replace('-', '_'), option.Arity, option.Description) { Option = option };

    /// <summary>Whether a value has the right type.</summary>
    public bool Takes(JsonElement value) => Arity switch
    {
        OptionArity.Flag => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        OptionArity.Value => value.ValueKind == JsonValueKind.String,
        _ => value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String),
    };

    /// <summary>What it takes, for an error sentence.</summary>
    public string Expected => Arity switch
    {
        OptionArity.Flag => "true or false",
        OptionArity.Value => "a text",
        _ => "a list of texts",
    };

    /// <summary>Its part of the JSON schema.</summary>
    public void WriteSchema(Utf8JsonWriter writer)
    {
        writer.WriteStartObject(Name);
        writer.WriteString("type", Arity switch { OptionArity.Flag => "boolean", OptionArity.Value => "string", _ => "array" });
        if (Arity == OptionArity.Repeated)
        {
            writer.WriteStartObject("items");
            writer.WriteString("type", "string");
            writer.WriteEndObject();
        }

        writer.WriteString("description", Description);
        writer.WriteEndObject();
    }
}
