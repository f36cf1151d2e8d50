using System.Globalization;
using System.Text;

namespace CodexCompanion.Tool.Doctor.Bundle;

/// <summary>
/// A job's log without what was said in it: the lines this tool writes in its own words stay, of everything else only how much there was.
/// What is not known to be ours is left out, so a line of a later version is lost rather than given away.
/// </summary>
internal static class LogOutline
{
    private static readonly string[] OurLines = ["[ResolveState] ", "[ValidateBroker] ", "[Connect] ", "[Execute] ", "[FallbackDirect] "];

    // Behind them stands an id, or what another line said.
    private static readonly string[] OurBeginnings = ["Thread ready (", "Turn started (", "Stopping the turn", "The worker died: process "];

    // A UUID.
    private const int LongestId = 36;

    private static readonly string[] Titles = ["Assistant message", "Reasoning summary", "Review output", "Final output", "Cancelled by user."];

    /// <summary>The outline.</summary>
    public static string Of(string log)
    {
        var outline = new StringBuilder();
        var left = 0;
        foreach (var line in log.Split('\n'))
        {
            var end = line.IndexOf("] ", StringComparison.Ordinal);
            if (line.Length == 0 || line[0] != '[' || end < 0 || !DateTimeOffset.TryParse(line.AsSpan(1, end - 1), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _))
            {
                left += line.Length;
                continue;
            }

            Flush();
            var text = line[(end + 2)..];
            outline.Append(line, 0, end + 2);
            if (OurLines.Any(begin => text.StartsWith(begin, StringComparison.Ordinal)) || Titles.Contains(text, StringComparer.Ordinal))
                outline.Append(text).Append('\n');
            else if (OurBeginnings.FirstOrDefault(begin => text.StartsWith(begin, StringComparison.Ordinal)) is { } beginning)
                outline.Append(beginning).Append(IdBehind(text.AsSpan(beginning.Length))).Append('\n');
            else
                outline.Append(CultureInfo.InvariantCulture, $"({text.Length} characters left out)\n");
        }

        Flush();
        return outline.ToString();

        static ReadOnlySpan<char> IdBehind(ReadOnlySpan<char> rest)
        {
            var length = 0;
            while (length < Math.Min(rest.Length, LongestId) && (char.IsAsciiLetterOrDigit(rest[length]) || rest[length] == '-'))
                length++;
            return rest[..length];
        }

        void Flush()
        {
            if (left > 0)
                outline.Append(CultureInfo.InvariantCulture, $"    ({left} characters left out)\n");
            left = 0;
        }
    }
}
