using System.Text.Json;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.Tool.CommandLine;

namespace CodexCompanion.Tool.Configuration;

/// <summary>Reads a configuration file into entries that remember their lines.</summary>
internal static class ConfigFile
{
    // A hundred times what all settings together take; keeps a file that is none from being read to its end.
    private const int LargestFile = 1024 * 1024;

    /// <summary>The entries of a file; none when there is no such file.</summary>
    public static Attempt<IReadOnlyList<ConfigEntry>> Read(string path, Origin origin)
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists && file.LinkTarget is null)
                return Directory.Exists(path) ? NotRegular(path) : new Attempt<IReadOnlyList<ConfigEntry>>([], Error: null);

            // A link of a cloned repository could lead anywhere, to a device for one.
            if (origin == Origin.Project && file.LinkTarget is not null)
                return NotRegular(path);
            if (file.Exists && !RegularFile.IsAt(path))
                return NotRegular(path);
            using var stream = file.OpenRead();
            var content = new byte[LargestFile + 1];
            var length = stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
            return length > LargestFile
                ? CommandError.Config($"{path} is larger than 1 MiB and cannot be a configuration file.")
                : Parse(content.AsSpan(0, length), path, origin);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return CommandError.Config($"{path} cannot be read: {problem.Message}");
        }
    }

    // Comments and a last comma are a person's; machines write neither.
    private static readonly JsonReaderOptions Reading = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>The entries of a file's content.</summary>
    public static Attempt<IReadOnlyList<ConfigEntry>> Parse(ReadOnlySpan<byte> content, string path, Origin origin)
    {
        if (content.StartsWith("\uFEFF"u8))
            content = content[3..];
        var reader = new Utf8JsonReader(content, Reading);
        var entries = new List<ConfigEntry>();
        try
        {
            if (LineOfBrokenText(content) is { } line)
                return CommandError.Config($"{path}:{line}: this text is not UTF-8.");
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
                return CommandError.Config($"{path}:1: a configuration file holds one JSON object.");
            ReadObject(ref reader, content, prefix: "", path, origin, entries);
            while (reader.Read())
            {
                // Nothing but comments may follow; anything else makes the reader throw.
            }

            return entries;
        }
        catch (JsonException broken)
        {
            return CommandError.Config($"{path}:{(broken.LineNumber ?? 0) + 1}: this is not valid JSON.");
        }
    }

    // The reader takes any bytes, and half a surrogate pair, as a text; who asks for that text later is too far away to name the line.
    private static int? LineOfBrokenText(ReadOnlySpan<byte> content)
    {
        var reader = new Utf8JsonReader(content, Reading);
        while (reader.Read())
        {
            if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName))
                continue;
            try
            {
                reader.GetString();
            }
            catch (InvalidOperationException)
            {
                return LineAt(content, reader.TokenStartIndex);
            }
        }

        return null;
    }

    private static int LineAt(ReadOnlySpan<byte> content, long index) => 1 + content[..(int)index].Count((byte)'\n');

    private static void ReadObject(
        ref Utf8JsonReader reader, ReadOnlySpan<byte> content, string prefix, string path, Origin origin, List<ConfigEntry> entries)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = prefix + reader.GetString();
            var line = LineAt(content, reader.TokenStartIndex);
            reader.Read();
            if (prefix.Length == 0 && reader.TokenType == JsonTokenType.StartObject && SettingKeys.Sections.Contains(key, StringComparer.Ordinal))
                ReadObject(ref reader, content, key + ".", path, origin, entries);
            else
                entries.Add(new ConfigEntry(key, JsonElement.ParseValue(ref reader), origin, $"{path}:{line}"));
        }
    }

    private static CommandError NotRegular(string path) => CommandError.Config($"{path} is not a regular file.");
}
