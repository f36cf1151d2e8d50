using System.Text;
using System.Text.Json;

namespace CodexCompanion.Tool.Reviews.Findings;

/// <summary>Finds the JSON object in an answer: models put fences around it and sentences before and after.</summary>
internal static class JsonInProse
{
    // Each candidate is parsed once; an answer full of braces that open nothing must not cost a minute.
    private const int MostCandidates = 200;

    // Deeper than any answer of ours.
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 64 };

    /// <summary>The first object that has a member of this name; null when there is none.</summary>
    public static JsonElement? Find(string text, string member)
    {
        var candidates = 0;
        for (var at = text.IndexOf('{', StringComparison.Ordinal); at >= 0 && candidates++ < MostCandidates; at = text.IndexOf('{', at + 1))
        {
            if (TryRead(text.AsSpan(at)) is { ValueKind: JsonValueKind.Object } found && found.TryGetProperty(member, out _))
                return found;
        }

        return null;
    }

    // Reads one value and leaves what follows it alone.
    private static JsonElement? TryRead(ReadOnlySpan<char> text)
    {
        try
        {
            var bytes = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
            var reader = new Utf8JsonReader(bytes.AsSpan(0, Encoding.UTF8.GetBytes(text, bytes)), Options);
            return JsonElement.ParseValue(ref reader);
        }
        catch (JsonException)
        {
            return null; // A brace of the prose: the next one may be it.
        }
    }
}
