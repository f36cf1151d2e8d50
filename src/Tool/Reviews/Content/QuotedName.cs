using System.Text;

namespace CodexCompanion.Tool.Reviews.Content;

/// <summary>Writes names of files so that they stay on one line and cannot pose as anything else.</summary>
internal static class QuotedName
{
    /// <summary>The name: as it is where it is harmless, else as a JSON string, in which letters of any script stay readable.</summary>
    public static string Of(string name)
    {
        if (name.Length > 0 && name.All(IsHarmless))
            return name;
        var quoted = new StringBuilder("\"");
        foreach (var c in name)
        {
            _ = c switch
            {
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
