using System.Globalization;
using System.Text;

namespace CodexCompanion.Tool.Doctor.Bundle;

/// <summary>
/// A job's log without what was said in it: the lines this tool writes in its own words stay, of everything else only how much there was.
/// What is not known to be ours is left out, so a line of a later version is lost rather than given away.
/// </summary>
internal static class LogOutline
{
    private static readonly string[] OurLines =
    [
        "Thread ready (", "Turn started (", "Cancelled by user.", "Stopping the turn", "The worker died", "[ResolveState] ", "[ValidateBroker] ", "[Connect] ",
        "[Execute] ", "[FallbackDirect] ",
    ];

    private static readonly string[] Titles = ["Assistant message", "Reasoning summary", "Review output", "Final output"];

    /// <summary>The outline.</summary>
    public static string Of(string log)
    {
        var outline = new StringBuilder();
        var left = 0;
        foreach (var line in log.Split('\n'))
        {
            var end = line.IndexOf("] ", StringComparison.Ordinal);
            if (line.Length == 0 || line[0] != '[' || end < 0)
            {
                left += line.Length;
                continue;
            }

            Flush();
            var text = line[(end + 2)..];
            outline.Append(line, 0, end + 2);
            if (OurLines.Any(begin => text.StartsWith(begin, StringComparison.Ordinal)) || Titles.Contains(text, StringComparer.Ordinal))
                outline.Append(text).Append('\n');
            else
                outline.Append(CultureInfo.InvariantCulture, $"({text.Length} characters left out)\n");
        }

        Flush();
        return outline.ToString();

        void Flush()
        {
            if (left > 0)
                outline.Append(CultureInfo.InvariantCulture, $"    ({left} characters left out)\n");
            left = 0;
        }
    }
}
