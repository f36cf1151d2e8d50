using System.Buffers;
using System.Text;

namespace CodexCompanion.Tool.Git;

/// <summary>
/// Names of files as git writes them: bytes, mostly UTF-8. A byte that is not becomes a half of a surrogate pair (U+DC00 + byte), which no
/// name in UTF-8 holds: two such names stay two, and nobody takes one for the name of another file.
/// </summary>
internal static class GitName
{
    private const char FirstByte = '\uDC80';
    private const char LastByte = '\uDCFF';
    private const char Base = '\uDC00';

    /// <summary>The name behind the bytes.</summary>
    public static string Of(ReadOnlySpan<byte> bytes)
    {
        var name = new StringBuilder(bytes.Length);
        while (bytes.Length > 0)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var used) == OperationStatus.Done)
            {
                name.Append(rune.ToString());
            }
            else
            {
                foreach (var foreign in bytes[..used])
                    name.Append((char)(Base + foreign));
            }

            bytes = bytes[used..];
        }

        return name.ToString();
    }

    /// <summary>The byte that the character at a place of a name stands for; null for one of UTF-8.</summary>
    public static byte? ByteAt(string name, int at) =>
        name[at] is >= FirstByte and <= LastByte && (at == 0 || !char.IsHighSurrogate(name[at - 1])) ? (byte)(name[at] - Base) : null;

    /// <summary>Whether all of a name is UTF-8: only then can it be opened.</summary>
    public static bool IsUtf8(string name)
    {
        for (var at = 0; at < name.Length; at++)
        {
            if (ByteAt(name, at) is not null)
                return false;
        }

        return true;
    }
}
