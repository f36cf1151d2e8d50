using System.Buffers;
using System.Text;

namespace CodexCompanion.Tool.Doctor.Bundle;

/// <summary>
/// Takes out of a text what a maintainer needs not see: e-mail addresses, tokens and keys, the user's home and name. Prompts and results are
/// never given to it: they are left out where they stand.
/// </summary>
/// <param name="home">The user's home; null when there is none.</param>
/// <param name="secrets">Texts to take out wherever they stand.</param>
internal sealed class Redaction(string? home, IReadOnlyList<string> secrets)
{
    private const string Hidden = "[hidden]";

    // Hashes of paths and instances have at most 16 characters, ids of threads and jobs have dashes in them: a longer run of letters and
    // digits is a key.
    private const int KeyLength = 28;

    private static readonly string[] KeyBegins = ["sk-", "sess-", "ghp_", "gho_", "github_pat_", "xox", "eyJ", "AKIA", "Bearer"];
    private static readonly SearchValues<char> WordEnds = SearchValues.Create(" \t\r\n\"'`,;<>()[]{}|=&?");

    /// <summary>The text without them.</summary>
    public string Of(string text)
    {
        foreach (var secret in secrets)
            text = text.Replace(secret, Hidden, StringComparison.Ordinal);
        if (home is { Length: > 1 })
            text = text.Replace(home, "~", StringComparison.Ordinal);
        var result = new StringBuilder(text.Length);
        var rest = text.AsSpan();
        var hideNext = false;
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOfAny(WordEnds);
            var word = end < 0 ? rest : rest[..end];
            result.Append(hideNext && word.Length > 0 || IsSecret(word) ? Hidden : word);
            hideNext = word.Length == 0 ? hideNext : word.SequenceEqual("Bearer");
            if (end < 0)
                break;
            result.Append(rest[end]);
            rest = rest[(end + 1)..];
        }

        return result.ToString();
    }

    private static bool IsSecret(ReadOnlySpan<char> word)
    {
        if (word.IsEmpty)
            return false;
        var at = word.IndexOf('@');
        if (at > 0 && word[(at + 1)..].Contains('.'))
            return true;
        foreach (var begin in KeyBegins)
        {
            if (word.Length > begin.Length + 8 && word.StartsWith(begin, StringComparison.Ordinal))
                return true;
        }

        return HasKey(word);
    }

    // A long run with letters and digits in it, without the separators of paths, ids and times.
    private static bool HasKey(ReadOnlySpan<char> word)
    {
        var (run, letters, digits) = (0, 0, 0);
        foreach (var c in word)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '+'))
            {
                (run, letters, digits) = (0, 0, 0);
                continue;
            }

            run++;
            letters += char.IsAsciiLetter(c) ? 1 : 0;
            digits += char.IsAsciiDigit(c) ? 1 : 0;
            if (run >= KeyLength && letters > 0 && digits > 0)
                return true;
        }

        return false;
    }
}
