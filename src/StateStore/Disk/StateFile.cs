using System.IO.Abstractions;
using System.Text.Json;
using CodexCompanion.StateStore.Json;
using CodexCompanion.StateStore.Records;

namespace CodexCompanion.StateStore.Disk;

/// <summary>Reads a state file and says what it found. Opens nothing but regular files of ours: a pipe would block, a device act.</summary>
internal sealed class StateFile(IFileSystem files, INativeDisk disk)
{
    private static readonly byte[] ByteOrderMark = [0xEF, 0xBB, 0xBF];

    /// <summary>Reads the bytes, at most <paramref name="limit"/> of them, without a byte order mark.</summary>
    public StateRead<byte[]> ReadBytes(string path, int limit)
    {
        try
        {
            var facts = disk.Look(path);
            if (facts is null)
                return StateRead<byte[]>.Missing();
            if (facts.Owner is { } owner && disk.User is { } user && owner != user)
                return Bad(StateReadKind.Unreadable, path, $"belongs to user {owner}, not to the current user {user}");
            if (facts.Kind != FileKind.Regular)
                return Bad(StateReadKind.Corrupt, path, $"is not a regular file ({facts.Kind.ToString().ToLowerInvariant()})");
            if (facts.Size > limit)
                return Bad(StateReadKind.Corrupt, path, $"has {facts.Size} bytes, more than the {limit} it can have");
            return ReadRegular(path, limit);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return StateRead<byte[]>.Missing(); // Removed between the look and the opening.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Bad(StateReadKind.Unreadable, path, $"cannot be read: {e.Message}");
        }
    }

    /// <summary>Reads one JSON record with a <c>version</c>.</summary>
    public StateRead<T> Read<T>(string path, int limit, int currentVersion, JsonFormat<T> format)
        where T : class
    {
        var read = ReadBytes(path, limit);
        if (read.Value is null)
            return new StateRead<T>(read.Kind, Value: null, read.Detail);
        return Parse(path, read.Value, currentVersion, format);
    }

    /// <summary>Understands one JSON record with a <c>version</c>.</summary>
    public static StateRead<T> Parse<T>(string path, ReadOnlyMemory<byte> bytes, int currentVersion, JsonFormat<T> format)
        where T : class
    {
        var name = Path.GetFileName(path);
        if (bytes.IsEmpty)
            return StateRead<T>.Bad(StateReadKind.Corrupt, $"{name} is empty.");
        try
        {
            using var document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = StateJson.Depth });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return StateRead<T>.Bad(StateReadKind.Corrupt, $"{name} holds no JSON object.");
            if (VersionOf(document.RootElement) > currentVersion)
                return StateRead<T>.Bad(StateReadKind.TooNew, $"{name} was written by a later version of codex-companion.");
            return StateRead<T>.Ok(format.Read(document.RootElement));
        }
        catch (JsonException e)
        {
            return StateRead<T>.Bad(StateReadKind.Corrupt, $"{name} is not valid: {Where(e)}.");
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or NotSupportedException)
        {
            return StateRead<T>.Bad(StateReadKind.Corrupt, $"{name} is not valid: {e.Message}"); // Half a surrogate pair, for one.
        }
    }

    private static long VersionOf(JsonElement root)
    {
        if (!root.TryGetProperty("version", out var version))
            return 0;
        return version.ValueKind == JsonValueKind.Number && version.TryGetInt64(out var number) ? number : -1;
    }

    private static string Where(JsonException e) => e.Path is { Length: > 1 } path
        ? $"wrong value at {path}"
        : $"not JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine})";

    private static StateRead<byte[]> Bad(StateReadKind kind, string path, string what) =>
        StateRead<byte[]>.Bad(kind, $"{Path.GetFileName(path)} {what.TrimEnd('.')}.");

    private StateRead<byte[]> ReadRegular(string path, int limit)
    {
        using var stream = files.FileStream.Create(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
        if (stream.Length > limit)
            return Bad(StateReadKind.Corrupt, path, $"has more than the {limit} bytes it can have");
        var content = new byte[stream.Length];
        var length = stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
        var start = content.AsSpan(0, length).StartsWith(ByteOrderMark) ? ByteOrderMark.Length : 0;
        return StateRead<byte[]>.Ok(start == 0 && length == content.Length ? content : content[start..length]);
    }
}
