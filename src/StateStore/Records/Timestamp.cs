using System.Globalization;

namespace CodexCompanion.StateStore.Records;

/// <summary>Times as JavaScript writes them: UTC, milliseconds, Z. The old runtime compares such texts to sort jobs.</summary>
internal static class Timestamp
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>A time as text.</summary>
    public static string Write(DateTimeOffset time) => time.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);
}
