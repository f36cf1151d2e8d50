using System.Buffers;
using System.Text;

namespace CodexCompanion.Tool.Doctor.Bundle;

/// <summary>
/// Takes out of a text what a maintainer needs not see: e-mail addresses, tokens and keys, the user's home and name. Prompts and results are
/// never given to it: they are left out where they stand.
/// </summary>
/// <param name="homes">The user's home, and where it really lies if it is a link; empty when there is none.</param>
/// <param name="secrets">Texts to take out wherever they stand.</param>
internal sealed class Redaction(IReadOnlyList<string> homes, IReadOnlyList<string> secrets)
{
    private const string Hidden = "[hidden]";

    // Hashes of paths and instances have at most 16 characters, ids of threads and jobs have dashes in them: a longer run of letters and
    // digits is a key.
    private const int KeyLength = 28;

    private static readonly string[] KeyBegins = ["sk-", "sess-", "ghp_", "gho_", "github_pat_", "xox", "eyJ", "AKIA", "Bearer"];

    // What stands behind these, up to the end of its line or string, are the words of a program that we know nothing of.
    private static readonly string[] Quotes = ["last words: ", "The last line of its log: "];

    // "Authorization: Basic abc", "password=abc", "\"token\":\"abc\"".
    private static readonly string[] Schemes = ["Bearer", "bearer", "Basic"];
    private static readonly string[] Names = ["password", "passwd", "secret", "token", "api_key", "api-key", "apikey", "cookie"];
    private static readonly SearchValues<char> WordEnds = SearchValues.Create(" \t\r\n\"'`,;<>()[]{}|=&?");

    /// <summary>The text without them.</summary>
    /// <param name="text">The text.</param>
    /// <param name="isJson">Whether it is JSON, in which a quotation ends with its string.</param>
    public string Of(string text, bool isJson = false)
    {
        foreach (var secret in secrets)
            text = text.Replace(secret, Hidden, StringComparison.Ordinal);
        foreach (var home in homes.Where(home => home.Length > 1).OrderByDescending(home => home.Length))
            text = text.Replace(home, "~", StringComparison.Ordinal);
        foreach (var quote in Quotes)
            text = WithoutQuoted(text, quote, isJson);
        return WithoutSecretWords(text);
    }

    private static string WithoutSecretWords(string text)
    {
        var result = new StringBuilder(text.Length);
        var rest = text.AsSpan();
        var (hideNext, afterName) = (false, false);
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOfAny(WordEnds);
            var word = end < 0 ? rest : rest[..end];
            var isSeparator = word.IsEmpty || word.SequenceEqual(":");
            result.Append((hideNext && !isSeparator) || IsSecret(word) ? Hidden : word);
            if (!isSeparator)
                (hideNext, afterName) = (IsOneOf(word, Schemes, StringComparison.Ordinal) || (word[^1] == ':' && IsOneOf(word[..^1], Names, StringComparison.OrdinalIgnoreCase)), EndsWithOneOf(word, Names));
            if (end < 0)
                break;

            // A name is followed by its value only where something says so: "token: x", "token=x", "token":"x".
            hideNext |= afterName && (rest[end] == '=' || word.SequenceEqual(":"));
            result.Append(rest[end]);
            rest = rest[(end + 1)..];
        }

        return result.ToString();
    }

    private static string WithoutQuoted(string text, string quote, bool isJson)
    {
        for (var at = text.IndexOf(quote, StringComparison.Ordinal); at >= 0; at = text.IndexOf(quote, at, StringComparison.Ordinal))
        {
            at += quote.Length;
            var end = at;
            while (end < text.Length && text[end] != '\n' && !(isJson && text[end] == '"'))
                end += isJson && text[end] == '\\' ? 2 : 1;
            text = string.Concat(text.AsSpan(0, at), Hidden, text.AsSpan(Math.Min(end, text.Length)));
        }

        return text;
    }

    private static bool IsOneOf(ReadOnlySpan<char> word, string[] words, StringComparison comparison)
    {
        foreach (var one in words)
        {
            if (word.Equals(one, comparison))
                return true;
        }

        return false;
    }

    private static bool EndsWithOneOf(ReadOnlySpan<char> word, string[] words)
    {
        foreach (var one in words)
        {
            if (word.EndsWith(one, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    private static bool IsSecret(ReadOnlySpan<char> word)
    {
        if (word.IsEmpty)
            return false;
        var at = word.IndexOf('@');
        if (at > 0 && (word[(at + 1)..].Contains('.') || word[..at].Contains("://", StringComparison.Ordinal)))
            return true; // An address, or a URL with somebody's password in it.
        var escaped = word.IndexOf("%40", StringComparison.Ordinal);
        if (escaped > 0 && word[(escaped + 3)..].Contains('.'))
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
