using System.Globalization;

namespace CodexCompanion.Tool.CommandLine;

/// <summary>Time spans as people write them: <c>90s</c>, <c>15m</c>, <c>1h</c>, <c>200ms</c>, or plain seconds.</summary>
internal static class Duration
{
    /// <summary>What is accepted, for error sentences.</summary>
    public const string Expected = "a time like 90s, 15m or 1h";

    // Longer than any turn; well within what timers take (49 days).
    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    /// <summary>Reads a time span above zero.</summary>
    public static bool TryParse(string text, out TimeSpan span)
    {
        span = default;
        var unit = text.AsSpan().TrimStart("0123456789.");
        double? seconds = unit switch
        {
            "" or "s" => 1,
            "ms" => 0.001,
            "m" => 60,
            "h" => 3600,
            _ => null,
        };
        if (seconds is null
            || !double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var n)
            || n * seconds.Value > Longest.TotalSeconds)
        {
            return false;
        }

        span = TimeSpan.FromSeconds(n * seconds.Value);
        return span > TimeSpan.Zero;
    }

    /// <summary>A time span as people write it, in its largest whole unit.</summary>
    public static string Text(TimeSpan span)
    {
        var milliseconds = (long)span.TotalMilliseconds;
        var (count, unit) = milliseconds switch
        {
            _ when milliseconds % 3_600_000 == 0 => (milliseconds / 3_600_000, "h"),
            _ when milliseconds % 60_000 == 0 => (milliseconds / 60_000, "m"),
            _ when milliseconds % 1000 == 0 => (milliseconds / 1000, "s"),
            _ => (milliseconds, "ms"),
        };
        return count.ToString(CultureInfo.InvariantCulture) + unit;
    }
}
