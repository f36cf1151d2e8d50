using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.CommandLine;

/// <summary>
/// Reads the value of <c>-c key=value</c> as codex does: as TOML when it is TOML (true, 3, 0.5, "text", 'text', [1, 2], { a = 1 }), else
/// as plain text, so that names need no quotes.
/// </summary>
internal ref struct TomlValue
{
    // Nobody writes deeper by hand; keeps a line of brackets from using up the stack.
    private const int Deepest = 16;

    private readonly ReadOnlySpan<char> _text;
    private readonly Utf8JsonWriter _json;
    private int _at;
    private int _depth;

    private TomlValue(ReadOnlySpan<char> text, Utf8JsonWriter json)
    {
        _text = text;
        _json = json;
    }

    /// <summary>The value as JSON.</summary>
    public static JsonElement Read(string text)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        var reading = new TomlValue(text, json);
        return reading.TryDocument() ? JsonText.Parse(buffer) : JsonText.Element(text);
    }

    private bool TryDocument()
    {
        var done = TryValue();
        SkipBlanks();
        if (!done || _at != _text.Length)
            return false;
        _json.Flush();
        return true;
    }

    private bool TryValue()
    {
        SkipBlanks();
        if (_at == _text.Length || _depth == Deepest)
            return false;
        switch (_text[_at])
        {
            case '"' or '\'':
                if (!TryQuoted(out var quoted))
                    return false;
                _json.WriteStringValue(quoted);
                return true;
            case '[':
                return TryArray();
            case '{':
                return TryTable();
            default:
                return TryBare();
        }
    }

    private bool TryArray()
    {
        _depth++;
        _at++;
        _json.WriteStartArray();
        while (!Skip(']'))
        {
            if (!TryValue() || (!Skip(',') && !Sees(']')))
                return false;
        }

        _json.WriteEndArray();
        _depth--;
        return true;
    }

    private bool TryTable()
    {
        _depth++;
        _at++;
        _json.WriteStartObject();
        while (!Skip('}'))
        {
            SkipBlanks();
            string key;
            if (Sees('"') || Sees('\''))
            {
                if (!TryQuoted(out key))
                    return false;
            }
            else if ((key = Bare()).Length == 0)
            {
                return false;
            }

            _json.WritePropertyName(key);
            if (!Skip('=') || !TryValue() || (!Skip(',') && !Sees('}')))
                return false;
        }

        _json.WriteEndObject();
        _depth--;
        return true;
    }

    private bool TryBare()
    {
        var word = Bare();
        if (word is "true" or "false")
        {
            _json.WriteBooleanValue(word is "true");
            return true;
        }

        // A zero in front or a bare point is no number in TOML, and a version like 1.2.3 is text.
        var digits = word.TrimStart('+', '-');
        if (digits.Length == 0 || !char.IsAsciiDigit(digits[0]) || (digits is ['0', _, ..] && char.IsAsciiDigit(digits[1])))
            return false;
        var plain = word.Replace("_", "", StringComparison.Ordinal);
        if (long.TryParse(plain, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
        {
            _json.WriteNumberValue(whole);
            return true;
        }

        if (plain.EndsWith('.') || !double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) || !double.IsFinite(real))
            return false;
        _json.WriteNumberValue(real);
        return true;
    }

    private bool TryQuoted(out string value)
    {
        value = "";
        var quote = _text[_at];
        var end = ++_at;
        for (; end < _text.Length && _text[end] != quote; end++)
        {
            if (quote == '"' && _text[end] == '\\')
                end++;
        }

        if (end >= _text.Length)
            return false;
        var raw = _text[_at..end];
        _at = end + 1;
        if (quote == '\'')
        {
            value = raw.ToString();
            return true;
        }

        try
        {
            // TOML's escapes in one line are those of JSON (but \UXXXXXXXX, which then is taken as text).
            using var document = JsonDocument.Parse($"\"{raw}\"");
            value = document.RootElement.GetString() ?? "";
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // The latter: half a surrogate pair.
        {
            return false; // Not a TOML string after all: the caller takes it as text.
        }
    }

    private string Bare()
    {
        var word = new StringBuilder();
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] is '_' or '-' or '+' or '.'))
            word.Append(_text[_at++]);
        return word.ToString();
    }

    private bool Skip(char expected)
    {
        if (!Sees(expected))
            return false;
        _at++;
        return true;
    }

    private bool Sees(char expected)
    {
        SkipBlanks();
        return _at < _text.Length && _text[_at] == expected;
    }

    private void SkipBlanks()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
            _at++;
    }
}
