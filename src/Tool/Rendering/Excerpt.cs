namespace CodexCompanion.Tool.Rendering;

/// <summary>Makes one short line out of a prompt, for titles and lists.</summary>
internal static class Excerpt
{
    /// <summary>The begin of the first line that says something.</summary>
    public static string Of(string text, int most)
    {
        // A prompt may be large; what makes up a title stands at its begin.
        var begin = text.AsSpan().TrimStart();
        begin = begin[..Math.Min(begin.Length, 4 * most)];
        var end = begin.IndexOfAny('\r', '\n');
        var line = Plain.OneLine((end < 0 ? begin : begin[..end]).ToString());
        if (line.Length <= most)
            return line;
        var cut = char.IsHighSurrogate(line[most - 2]) ? most - 2 : most - 1;
        return line[..cut].TrimEnd() + "…";
    }
}
