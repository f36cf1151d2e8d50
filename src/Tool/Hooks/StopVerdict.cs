namespace CodexCompanion.Tool.Hooks;

/// <summary>What a stop-time review came to: closed, one of three.</summary>
internal abstract record StopVerdict
{
    // Enough for a list of findings; a whole essay is no reason.
    private const int LongestReason = 8000;

    private StopVerdict()
    {
    }

    /// <summary>Reads the verdict off an answer: its first line says ALLOW or BLOCK, as it was told to.</summary>
    public static StopVerdict Of(string? answer)
    {
        var text = answer?.Trim() ?? "";
        if (text.Length == 0)
            return new None("Codex's stop-time review came back empty, so the session may end unreviewed.");
        if (After(text, "BLOCK:") is { } reason)
            return new Block(reason);
        if (After(text, "ALLOW:") is { } why)
            return new Allow(why.Split('\n', 2)[0].Trim());
        return new None(
            $"Codex's stop-time review said neither ALLOW nor BLOCK, so the session may end. It began: {Rendering.Excerpt.Of(text, 120)}");
    }

    private static string? After(string text, string word)
    {
        if (!text.StartsWith(word, StringComparison.Ordinal))
            return null;
        var rest = text[word.Length..].Trim();
        return rest.Length <= LongestReason ? rest : rest[..LongestReason] + "…";
    }

    /// <summary>The session may end.</summary>
    internal sealed record Allow(string Why) : StopVerdict;

    /// <summary>Something still has to be mended.</summary>
    internal sealed record Block(string Why) : StopVerdict;

    /// <summary>There is no verdict, for the reason in one sentence. The session may end.</summary>
    internal sealed record None(string Sentence) : StopVerdict;
}
