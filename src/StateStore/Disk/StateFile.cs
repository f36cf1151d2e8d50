using System.Buffers;
using System.IO.Abstractions;
using System.Text.Json;
using CodexCompanion.StateStore.Json;
using CodexCompanion.StateStore.Records;

namespace CodexCompanion.StateStore.Disk;

/// <summary>Reads a state file and says what it found. Opens nothing but regular files of ours: a pipe would block, a device act.</summary>
internal sealed class StateFile(IFileSystem files, INativeDisk disk)
{
    private static readonly byte[] ByteOrderMark = [0xEF, 0xBB, 0xBF];

    // A record has some kilobytes, an index of a hundred jobs 250: what is read into the same memory again and again costs no new pages. What is larger
    // would stay in it for ever.
    private const int LargestShared = 256 * 1024;

    /// <summary>Reads the bytes, at most <paramref name="limit"/> of them, without a byte order mark.</summary>
    public StateRead<byte[]> ReadBytes(string path, int limit) => Read(path, limit, length => new byte[length], (all, content) =>
        StateRead<byte[]>.Ok(content.Length == all.Length ? all : content.ToArray()));

    /// <summary>Reads one JSON record with a <c>version</c>.</summary>
    public StateRead<T> Read<T>(string path, int limit, int currentVersion, JsonFormat<T> format)
        where T : class => Read(path, limit, content => Parse(path, content, currentVersion, format)); // A record holds nothing of what it was read from.

    /// <summary>Makes something of the bytes; it must hold nothing of them.</summary>
    /// <returns>Null when they cannot be read, or nothing was made.</returns>
    public T? Use<T>(string path, int limit, Func<ReadOnlyMemory<byte>, T?> make)
        where T : class => Read(path, limit, content => make(content) is { } made ? StateRead<T>.Ok(made) : StateRead<T>.Missing()).Value;

    private StateRead<T> Read<T>(string path, int limit, Func<ReadOnlyMemory<byte>, StateRead<T>> make)
        where T : class
    {
        byte[]? shared = null;
        try
        {
            return Read(path, limit, MemoryFor, (_, content) => make(content));
        }
        finally
        {
            if (shared is not null)
                ArrayPool<byte>.Shared.Return(shared);
        }

        byte[] MemoryFor(int length) => length <= LargestShared ? shared = ArrayPool<byte>.Shared.Rent(length) : new byte[length];
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

    private StateRead<T> Read<T>(string path, int limit, Func<int, byte[]> memoryFor, Func<byte[], ReadOnlyMemory<byte>, StateRead<T>> make)
        where T : class
    {
        try
        {
            var facts = disk.Look(path);
            if (facts is null)
                return StateRead<T>.Missing();
            if (facts.Owner is { } owner && disk.User is { } user && owner != user)
                return Bad(StateReadKind.Unreadable, $"belongs to user {owner}, not to the current user {user}");
            if (facts.Kind != FileKind.Regular)
                return Bad(StateReadKind.Corrupt, $"is not a regular file ({facts.Kind.ToString().ToLowerInvariant()})");
            if (facts.Size > limit)
                return Bad(StateReadKind.Corrupt, $"has {facts.Size} bytes, more than the {limit} it can have");
            using var stream = files.FileStream.Create(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
            if (stream.Length > limit)
                return Bad(StateReadKind.Corrupt, $"has more than the {limit} bytes it can have");
            var size = (int)stream.Length;
            var all = memoryFor(size);
            var length = stream.ReadAtLeast(all.AsSpan(0, size), size, throwOnEndOfStream: false);
            var start = all.AsSpan(0, length).StartsWith(ByteOrderMark) ? ByteOrderMark.Length : 0;
            return make(all, all.AsMemory(start, length - start));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return StateRead<T>.Missing(); // Removed between the look and the opening.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Bad(StateReadKind.Unreadable, $"cannot be read: {DiskRefusal.Of(e)}");
        }

        StateRead<T> Bad(StateReadKind kind, string what) => StateRead<T>.Bad(kind, $"{Path.GetFileName(path)} {what.TrimEnd('.')}.");
    }
}
