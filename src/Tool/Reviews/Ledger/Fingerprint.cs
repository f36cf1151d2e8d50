using System.Text;
using CodexCompanion.StateStore.Disk;

namespace CodexCompanion.Tool.Reviews.Ledger;

/// <summary>What makes two findings the same: the rule their titles state, the file, and the code they are about. Line numbers are no part.</summary>
internal static class Fingerprint
{
    // Titles that share this part of their words state the same rule: a model words it anew each time.
    private const double AlikeEnough = 0.5;

    // Words without which a sentence says the same.
    private static readonly string[] Fillers =
    [
        "a", "an", "and", "are", "as", "at", "be", "by", "can", "could", "does", "for", "from", "has", "if", "in", "into", "is", "it", "its", "may", "might",
        "no", "not", "of", "on", "or", "should", "so", "that", "the", "this", "to", "when", "which", "will", "with", "would",
    ];

    /// <summary>The fingerprint: twelve hexadecimal digits.</summary>
    public static string Of(string title, string file, string? codeHash)
    {
        var text = $"{string.Join(' ', Words(title).Order(StringComparer.Ordinal))}\n{file}\n{codeHash}";
        return Convert.ToHexStringLower(Sha256.Hash(Encoding.UTF8.GetBytes(text)), 0, 6);
    }

    /// <summary>Whether two titles state the same rule.</summary>
    public static bool AreAlike(string one, string other)
    {
        var (a, b) = (Words(one), Words(other));
        var shared = a.Count(b.Contains);
        return a.Count > 0 && b.Count > 0 && shared >= AlikeEnough * (a.Count + b.Count - shared);
    }

    /// <summary>Whether two titles have the same words that count.</summary>
    public static bool AreEqual(string one, string other) => Words(one).SetEquals(Words(other));

    private static HashSet<string> Words(string title)
    {
        var words = new HashSet<string>(StringComparer.Ordinal);
        var word = new StringBuilder();
        foreach (var c in title.ToLowerInvariant().Append(' '))
        {
            if (char.IsLetter(c) || c == '_')
            {
                word.Append(c);
            }
            else if (word.Length > 0)
            {
                // Digits separate: "line 12" and "line 14" are the same rule.
                if (word.Length > 1 && !Fillers.Contains(word.ToString(), StringComparer.Ordinal))
                    words.Add(word.ToString());
                word.Clear();
            }
        }

        return words;
    }
}
