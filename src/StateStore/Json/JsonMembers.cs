using System.Text.Json;

namespace CodexCompanion.StateStore.Json;

/// <summary>
/// The members of one JSON object, read by name and strictly: a value of another type than asked for is an error that names its place.
/// A member that is missing reads as null, and so does a null.
/// </summary>
public sealed class JsonMembers
{
    private readonly JsonElement _json;
    private readonly string _path;
    private readonly List<string> _asked = [];
    private JsonElement.ObjectEnumerator _next;
    private bool _hasNext;
    private int _found;

    /// <summary>Begins to read an object.</summary>
    /// <param name="json">The object.</param>
    /// <param name="path">Where it stands, for the error's text: <c>$.jobs[3]</c>.</param>
    /// <exception cref="JsonException">It is no object.</exception>
    public JsonMembers(JsonElement json, string path = "$")
    {
        _json = json;
        _path = path;
        if (json.ValueKind != JsonValueKind.Object)
            throw Wrong(path, "an object");
        _next = json.EnumerateObject();
        _hasNext = _next.MoveNext();
    }

    /// <summary>A text that must be there.</summary>
    public string RequiredText(string name) => Text(name) ?? throw Missing(name);

    /// <summary>A text.</summary>
    public string? Text(string name) => Take(name, JsonValueKind.String, "a text") is { } value ? TextOf(value, name) : null;

    /// <summary>A whole number that must be there.</summary>
    public int RequiredInteger(string name) => Integer(name) ?? throw Missing(name);

    /// <summary>A whole number.</summary>
    public int? Integer(string name)
    {
        if (Take(name, JsonValueKind.Number, "a number") is not { } value)
            return null;
        return value.TryGetInt32(out var number) ? number : throw Wrong(PathOf(name), "a whole number");
    }

    /// <summary>A large whole number.</summary>
    public long? LongInteger(string name)
    {
        if (Take(name, JsonValueKind.Number, "a number") is not { } value)
            return null;
        return value.TryGetInt64(out var number) ? number : throw Wrong(PathOf(name), "a whole number");
    }

    /// <summary>A number.</summary>
    public double? Number(string name) => Take(name, JsonValueKind.Number, "a number")?.GetDouble();

    /// <summary>Whether the member is true; false when it is missing.</summary>
    public bool Flag(string name)
    {
        if (!TryTake(name, out var value))
            return false;
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.ValueKind == JsonValueKind.True
            : throw Wrong(PathOf(name), "true or false");
    }

    /// <summary>An ISO time that must be there.</summary>
    public DateTimeOffset RequiredTime(string name) => Time(name) ?? throw Missing(name);

    /// <summary>An ISO time.</summary>
    public DateTimeOffset? Time(string name)
    {
        if (Take(name, JsonValueKind.String, "a time") is not { } value)
            return null;
        return value.TryGetDateTimeOffset(out var time) ? time : throw Wrong(PathOf(name), "a time");
    }

    /// <summary>Any value, kept beyond the life of the document it was read from.</summary>
    public JsonElement? Any(string name) => TryTake(name, out var value) ? value.Clone() : null;

    /// <summary>A list of texts.</summary>
    public IReadOnlyList<string>? Texts(string name) => List(name, (item, path) =>
        item.ValueKind == JsonValueKind.String ? item.GetString()! : throw Wrong(path, "a text"));

    /// <summary>An object that must be there.</summary>
    public T RequiredObject<T>(string name, JsonFormat<T> format)
        where T : class => Object(name, format) ?? throw Missing(name);

    /// <summary>An object.</summary>
    public T? Object<T>(string name, JsonFormat<T> format)
        where T : class => TryTake(name, out var value) ? format.Read(value, PathOf(name)) : null;

    /// <summary>A list of objects. It may be missing, but a null in its place is damage: such lists are always written.</summary>
    public IReadOnlyList<T>? Objects<T>(string name, JsonFormat<T> format)
        where T : class =>
        _json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Null
            ? throw Wrong(PathOf(name), "a list")
            : List(name, format.Read);

    /// <summary>The members nobody asked for, kept beyond the life of the document; null when there are none.</summary>
    public Dictionary<string, JsonElement>? Rest()
    {
        if (_json.GetPropertyCount() == _found)
            return null;
        Dictionary<string, JsonElement>? rest = null;
        foreach (var member in _json.EnumerateObject())
        {
            if (!_asked.Contains(member.Name, StringComparer.Ordinal))
                (rest ??= new(StringComparer.Ordinal))[member.Name] = member.Value.Clone();
        }

        return rest;
    }

    private List<T>? List<T>(string name, Func<JsonElement, string, T> read)
        where T : class
    {
        if (Take(name, JsonValueKind.Array, "a list") is not { } list)
            return null;
        var items = new List<T>(list.GetArrayLength());
        foreach (var item in list.EnumerateArray())
            items.Add(read(item, $"{PathOf(name)}[{items.Count}]"));
        return items;
    }

    private bool TryTake(string name, out JsonElement value)
    {
        _asked.Add(name);
        if (!TryFind(name, out value))
            return false;
        _found++;
        return value.ValueKind != JsonValueKind.Null;
    }

    // Records are read in the order they are written in, so the member asked for is nearly always the next one. To search for each of forty
    // among forty is what reading a large index would otherwise spend its time on.
    private bool TryFind(string name, out JsonElement value)
    {
        if (!_hasNext || !_next.Current.NameEquals(name))
            return _json.TryGetProperty(name, out value);
        value = _next.Current.Value;
        _hasNext = _next.MoveNext();
        return true;
    }

    private JsonElement? Take(string name, JsonValueKind kind, string expected)
    {
        if (!TryTake(name, out var value))
            return null;
        return value.ValueKind == kind ? value : throw Wrong(PathOf(name), expected);
    }

    private string TextOf(JsonElement value, string name)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Wrong(PathOf(name), "a text"); // Half a surrogate pair.
        }
    }

    private string PathOf(string name) => $"{_path}.{name}";

    private JsonException Missing(string name) => Wrong(PathOf(name), "there");

    private static JsonException Wrong(string path, string expected) => new($"The value of {path} is not {expected}.", path, lineNumber: null, bytePositionInLine: null);
}
