using System.Text;

namespace CodexCompanion.Tool.Tests.CommandLine;

/// <summary>The words a shell makes of a command line in a page: quotes are taken off, and a pipe, a redirection or a comment ends it.</summary>
internal static class ShellWords
{
    public static IReadOnlyList<string> Of(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var inWord = false;
        var quote = '\0';
        foreach (var c in line)
        {
            if (quote != '\0')
            {
                if (c == quote)
                    quote = '\0';
                else
                    word.Append(c);
            }
            else if (c is '"' or '\'')
            {
                quote = c;
                inWord = true;
            }
            else if (c is '|' or '<' or '>' or ')' || (c == '#' && !inWord))
            {
                break;
            }
            else if (c == ' ')
            {
                if (inWord)
                    words.Add(word.ToString());
                word.Clear();
                inWord = false;
            }
            else
            {
                word.Append(c);
                inWord = true;
            }
        }

        return inWord ? [.. words, word.ToString()] : words;
    }
}
