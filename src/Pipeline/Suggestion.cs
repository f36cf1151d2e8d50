namespace CodexCompanion.Pipeline;

/// <summary>Finds what a misspelt word was probably meant to be.</summary>
public static class Suggestion
{
    // Two slips cover what fingers do (a letter missing, doubled, wrong, two swapped); in a short word two already make another word.
    private const int MostSlips = 2;
    private const int ShortWord = 4;

    /// <summary>The nearest of the known words; null when none is near.</summary>
    /// <param name="written">What was written.</param>
    /// <param name="known">What there is.</param>
    public static string? For(string written, IEnumerable<string> known)
    {
        string? best = null;
        var fewest = int.MaxValue;
        foreach (var candidate in known)
        {
            // The longer name of which somebody wrote the beginning (--prompt for --prompt-file) is near, too.
            var isBeginning = written.Length > 4 && candidate.StartsWith(written, StringComparison.Ordinal);
            var slips = isBeginning ? 1 : Distance(written, candidate);
            if (slips < fewest)
                (best, fewest) = (candidate, slips);
        }

        return fewest <= (written.Trim('-').Length <= ShortWord ? 1 : MostSlips) ? best : null;
    }

    /// <summary>Letters to insert, drop, change or swap with their neighbour to get from one word to the other.</summary>
    private static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            rows[i, 0] = i;
        for (var j = 0; j <= b.Length; j++)
            rows[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var change = a[i - 1] == b[j - 1] ? 0 : 1;
                var cost = Math.Min(Math.Min(rows[i - 1, j] + 1, rows[i, j - 1] + 1), rows[i - 1, j - 1] + change);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    cost = Math.Min(cost, rows[i - 2, j - 2] + 1);
                rows[i, j] = cost;
            }
        }

        return rows[a.Length, b.Length];
    }
}
