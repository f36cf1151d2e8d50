using System.Text;
using CodexCompanion.Tool.Git;

namespace CodexCompanion.Tool.Reviews.Content;

/// <summary>Writes names of files so that they stay on one line and cannot pose as anything else.</summary>
internal static class QuotedName
{
    /// <summary>The name: as it is where it is harmless, else as a JSON string, in which letters of any script stay readable and bytes that are no UTF-8 read <c>\xff</c>.</summary>
    public static string Of(string name)
    {
        if (name.Length > 0 && name.All(IsHarmless) && GitName.IsUtf8(name))
            return name;
        var quoted = new StringBuilder("\"");
        for (var at = 0; at < name.Length; at++)
        {
            var c = name[at];
            _ = c switch
            {
                _ when GitName.ByteAt(name, at) is { } foreign => quoted.Append("\\x").Append(foreign.ToString("x2")),
                '"' or '\\' => quoted.Append('\\').Append(c),
                '\n' => quoted.Append("\\n"),
                '\r' => quoted.Append("\\r"),
                '\t' => quoted.Append("\\t"),
                _ when char.IsControl(c) || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.LineSeparator or System.Globalization.UnicodeCategory.ParagraphSeparator =>
                    quoted.Append("\\u").Append(((int)c).ToString("x4")),
                _ => quoted.Append(c),
            };
        }

        return quoted.Append('"').ToString();
    }

    private static bool IsHarmless(char c) => char.IsLetterOrDigit(c) || c is '/' or '.' or '_' or '-' or '+' or '@' or '(' or ')' or '[' or ']' or ',' or '=' or '#' or '~' || char.IsSurrogate(c);
}
