using System.Text.Json;

namespace CodexCompanion.Pipeline.Rpc;

/// <summary>Reads members that another version of the server may lack or may give another type: what is not there reads as nothing.</summary>
public static class JsonReading
{
    /// <summary>A member; an undefined element when it is missing, null, or this is no object.</summary>
    public static JsonElement Member(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? value
            : default;

    /// <summary>A text member; null when there is none.</summary>
    public static string? Text(this JsonElement element, string name) => TextOf(element.Member(name));

    /// <summary>A whole-number member; null when there is none.</summary>
    public static int? Number(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out var number) ? number : null;

    /// <summary>Whether a member is there and true.</summary>
    public static bool IsTrue(this JsonElement element, string name) => element.Member(name).ValueKind == JsonValueKind.True;

    /// <summary>The elements of a list member; none when it is missing or no list.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    /// <summary>The texts of a list member.</summary>
    public static IEnumerable<string> Texts(this JsonElement element, string name)
    {
        foreach (var item in element.Items(name))
        {
            if (TextOf(item) is { } text)
                yield return text;
        }
    }

    private static string? TextOf(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null; // An escaped half of a surrogate pair, which is no text.
        }
    }
}
