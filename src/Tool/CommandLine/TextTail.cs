namespace CodexCompanion.Tool.CommandLine;

/// <summary>Notices options that came too late and were taken as text.</summary>
internal static class TextTail
{
    /// <summary>The sentence to tell whoever gave a call its text; null when there is nothing to say, or a <c>--</c> said it.</summary>
    public static string? NoteFor(CommandCall call) =>
        call.EndedByDashes
        ? null
        : NoteFor(string.IsNullOrWhiteSpace(call.RawText) ? string.Join(' ', call.Words) : call.RawText, call.Command.Table);

    /// <summary>The sentence to tell the user; null when the text does not end like an option.</summary>
    public static string? NoteFor(string text, OptionTable table)
    {
        // Only the end matters; a prompt may be large.
        var end = text.AsSpan(Math.Max(0, text.Length - 400)).ToString();
        var words = end.Split([' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0)
            return null;

        var last = words[^1];
        if (table.TryRecognise(last, out _, out _))
            return Sentence(last);
        return words.Length > 1 && table.TryRecognise(words[^2], out var before, out var hasValue) && before.TakesValue && !hasValue
            ? Sentence($"{words[^2]} {last}")
            : null;
    }

    private static string Sentence(string tail) =>
        $"'{tail}' at the end was taken as part of the text; options come before the text.";
}
