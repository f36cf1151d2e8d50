using System.Globalization;

namespace CodexCompanion.StateStore;

/// <summary>Names of the temporary files that the store's writes go through: <c>.NAME.PID-CHANCE.tmp</c>. One that stays belonged to a
/// process that was killed.</summary>
public static class TemporaryFiles
{
    private const int ChanceLength = 12;

    /// <summary>Whether a file has such a name.</summary>
    public static bool IsName(string fileName) => WriterOf(fileName) is not null;

    /// <summary>The process that made it; null when the name is not such a one. A PID is no proof of anything by itself.</summary>
    public static int? WriterOf(string fileName)
    {
        if (!fileName.StartsWith('.') || !fileName.EndsWith(Disk.AtomicFile.TempSuffix, StringComparison.Ordinal))
            return null;
        var stem = fileName.AsSpan(0, fileName.Length - Disk.AtomicFile.TempSuffix.Length);
        var last = stem[(stem.LastIndexOf('.') + 1)..];
        var dash = last.IndexOf('-');
        return stem.LastIndexOf('.') > 0 && dash > 0 && last.Length == dash + 1 + ChanceLength
            && IsHexadecimal(last[(dash + 1)..])
            && int.TryParse(last[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
            ? pid
            : null;
    }

    private static bool IsHexadecimal(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiHexDigitLower(c))
                return false;
        }

        return true;
    }
}
