namespace CodexCompanion.Tool.Selftest;

/// <summary>One task of a row: what is asked, and what must come of it.</summary>
/// <param name="Number">1 for the first of its row.</param>
/// <param name="Mark">Stands in the prompt, in the effect and in the answer, and in those of no other task of the row.</param>
/// <param name="Prompt">The prompt, with the simulator's directives.</param>
/// <param name="Writes">Whether it makes one edit; else it only reads.</param>
internal sealed record TaskCall(int Number, string Mark, string Prompt, bool Writes)
{
    /// <summary>Further arguments, before the prompt.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>The line its edit adds to its file.</summary>
    public string Effect => $"effect-of-{Mark}";

    /// <summary>Its answer, and nothing else, is what must stand on stdout.</summary>
    public string Answer => AnswerOf(Mark);

    /// <summary>Its file, below the workspace.</summary>
    public string File => FileOf(Mark);

    /// <summary>A task that makes one edit.</summary>
    /// <param name="number">1 for the first.</param>
    /// <param name="directives">What else it does before it edits, without <c>sim:</c>.</param>
    public static TaskCall Writing(int number, params IReadOnlyList<string> directives)
    {
        var mark = MarkOf(number);
        return new TaskCall(number, mark, PromptOf(mark, [.. directives, $"edit effect-of-{mark} {FileOf(mark)}"]), Writes: true);
    }

    /// <summary>A task that only reads and answers.</summary>
    public static TaskCall Reading(int number) => new(number, MarkOf(number), PromptOf(MarkOf(number), []), Writes: false);

    /// <summary>The mark of a row's n-th task. No mark is the begin of another.</summary>
    public static string MarkOf(int number) => $"task-{number:00}";

    private static string AnswerOf(string mark) => $"Done: {mark}.";

    private static string FileOf(string mark) => $"effects/{mark}.txt";

    private static string PromptOf(string mark, IEnumerable<string> directives) =>
        string.Join('\n', directives.Append($"reply \"{AnswerOf(mark)}\"").Select(d => "sim: " + d).Prepend($"Please do {mark} of the self-test."));
}
