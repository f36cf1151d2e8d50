namespace CodexCompanion.Pipeline.AppServer;

/// <summary>
/// The sentences in which servers say what has no code of its own. Measured on 0.142.2 and 0.169.0; all come as -32600, except for
/// "list_turns is not supported yet", which is -32601 and would else pass for a missing method.
/// </summary>
internal static class ThreadTexts
{
    private static readonly string[] NotFound =
    [
        "no rollout found", "thread not found", "thread not loaded", "invalid thread id", "invalid session id",
    ];

    private static readonly string[] NothingYet =
    [
        "is not materialized yet", "list_turns is not supported yet",
    ];

    /// <summary>Whether it says that there is no such thread, or nothing in it.</summary>
    public static bool SaysNotFound(string message) => Says(message, NotFound) || IsEmptyRollout(message);

    /// <summary>Whether it says that the thread has no turn yet.</summary>
    public static bool SaysNothingYet(string message) => Says(message, NothingYet) || IsEmptyRollout(message);

    /// <summary>Whether it says that no turn runs on the thread. Also said of a turn that was accepted milliseconds ago.</summary>
    public static bool SaysNoActiveTurn(string message) => Has(message, "no active turn");

    /// <summary>The id of the turn that runs, out of "expected active turn id … but found ID"; null when it does not say so.</summary>
    public static string? FoundTurn(string message)
    {
        const string found = "but found ";
        var at = message.IndexOf(found, StringComparison.OrdinalIgnoreCase);
        if (at < 0 || !Has(message, "expected active turn id"))
            return null;
        var id = message[(at + found.Length)..].Trim().Trim('`', '\'', '"', '.');
        return id.Length == 0 ? null : id;
    }

    private static bool IsEmptyRollout(string message) => Has(message, "rollout") && Has(message, "is empty");

    private static bool Says(string message, string[] sentences) => Array.Exists(sentences, s => Has(message, s));

    private static bool Has(string message, string words) => message.Contains(words, StringComparison.OrdinalIgnoreCase);
}
