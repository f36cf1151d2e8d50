namespace CodexCompanion.Pipeline.Recovery;

/// <summary>What Codex is told when a writing turn was cut short.</summary>
public static class ContinuationPrompt
{
    /// <summary>First line of the prompt; it tells a person reading the thread, and the simulator, what this message is.</summary>
    public const string Marker = "codex-companion: continuation after a lost connection";

    /// <summary>The prompt. The request itself stands in the thread already.</summary>
    public static string Text { get; } = $"""
        {Marker}

        The connection to you broke while you were working on the previous message in this thread. Part of that work may be done already.
        Before you change anything, check the present state of the files and of anything else you may have touched. Do not repeat what is
        done; do only what is still missing, then answer the previous message as if there had been no break.
        """;
}
