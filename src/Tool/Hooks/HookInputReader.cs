using System.Text.Json;
using CodexCompanion.Tool.Commands;

namespace CodexCompanion.Tool.Hooks;

/// <summary>
/// Reads a hook's stdin. The host's pipe may be empty, late, slow or never closed: the input is over when its object is complete, when
/// the stream ends, or when the time is up.
/// </summary>
internal static class HookInputReader
{
    // The last message of a model has some thousand characters; what is larger than this is not from the host.
    private const int Largest = 16 * 1024 * 1024;
    private const int BufferSize = 16 * 1024;

    /// <summary>Reads it.</summary>
    /// <param name="host">Has stdin.</param>
    /// <param name="limit">How long to wait for all of it.</param>
    public static async Task<HookInput> ReadAsync(ToolHost host, TimeSpan limit)
    {
        try
        {
            // On a thread of its own, which is left behind when the time is up: a read of a pipe cannot be called off.
            return await Task.Run(() => Read(host)).WaitAsync(limit, host.Time);
        }
        catch (TimeoutException)
        {
            return new HookInput();
        }
    }

    private static HookInput Read(ToolHost host)
    {
        using var content = new MemoryStream();
        try
        {
            using var input = host.Streams.OpenInput();
            var buffer = new byte[BufferSize];
            int read;
            while ((read = input.Read(buffer, 0, buffer.Length)) > 0)
            {
                content.Write(buffer, 0, read);
                if (content.Length > Largest)
                    return HookInput.Bad("is larger than any hook's");
                if (IsComplete(content.GetBuffer().AsSpan(0, (int)content.Length)))
                    break;
            }
        }
        catch (IOException)
        {
            // stdin is closed, or broke: what came before will do.
        }

        return HookInput.Of(content.GetBuffer().AsMemory(0, (int)content.Length));
    }

    /// <summary>Whether the object is whole, so that nothing more need come.</summary>
    private static bool IsComplete(ReadOnlySpan<byte> bytes)
    {
        // Cheap first: only what ends with a brace can be whole.
        if (bytes.TrimEnd(" \t\r\n"u8) is not [.., (byte)'}'])
            return false;
        if (bytes.StartsWith("\uFEFF"u8))
            bytes = bytes[3..];
        try
        {
            var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = 256 });
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject && reader.TrySkip();
        }
        catch (JsonException)
        {
            return false; // Cut short so far, or no JSON at all: the end of the stream or of the time will tell.
        }
    }
}
