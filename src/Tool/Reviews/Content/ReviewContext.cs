namespace CodexCompanion.Tool.Reviews.Content;

/// <summary>When the changes themselves go into the prompt.</summary>
internal enum Inlining
{
    /// <summary>When they are small.</summary>
    Auto,

    /// <summary>Always, trimmed where they do not fit.</summary>
    Always,

    /// <summary>Never: the reviewer looks for itself.</summary>
    Never,
}

/// <summary>A prompt that is ready to be sent, and what is to be said about it.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Inline">Whether it holds the changes; else the reviewer is told how to look at them.</param>
/// <param name="Summary">What it holds, in a sentence.</param>
/// <param name="Trimmed">What was left out for its size, a sentence each.</param>
/// <param name="Withheld">Untracked files that were not shown because they are likely secret.</param>
internal sealed record ReviewContext(string Prompt, bool Inline, string Summary, IReadOnlyList<string> Trimmed, IReadOnlyList<string> Withheld);
