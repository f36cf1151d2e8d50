using System.Text.Json;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Rpc;

namespace CodexCompanion.Pipeline.Turns;

/// <summary>A turn as a thread keeps it.</summary>
/// <param name="Id">The turn.</param>
/// <param name="Status">The server's word: completed, interrupted, failed, inProgress.</param>
/// <param name="ClientIds">The client's ids of the messages that started or steered it.</param>
/// <param name="KeepsClientIds">Whether its messages have a place for such an id at all.</param>
/// <param name="Result">What it brought.</param>
/// <param name="Failure">Why it failed; null when it did not.</param>
public sealed record SnapshotTurn(
    string Id, string Status, IReadOnlyList<string> ClientIds, bool KeepsClientIds, TurnResult Result, Outcome.Failed? Failure)
{
    /// <summary>The text it was started with; null when the server keeps none.</summary>
    public string? Prompt { get; init; }
}

/// <summary>A thread with its turns, as <c>thread/read</c> gives it.</summary>
/// <param name="ThreadId">The thread.</param>
/// <param name="Turns">Its turns, oldest first.</param>
public sealed record ThreadSnapshot(string ThreadId, IReadOnlyList<SnapshotTurn> Turns)
{
    /// <summary>Reads the <c>thread</c> object of an answer.</summary>
    /// <param name="threadId">The thread that was asked for.</param>
    /// <param name="thread">The object.</param>
    /// <param name="cwd">The directory that touched files are told relative to.</param>
    public static ThreadSnapshot Read(string threadId, JsonElement thread, string cwd) =>
        new(threadId, [.. thread.Items("turns").Select(turn => ReadTurn(threadId, turn, cwd))]);

    /// <summary>The turn that a message of ours started; null when it is not there.</summary>
    /// <param name="clientMessageId">The id the message was sent with.</param>
    /// <param name="turnId">The turn, where it is known: the message may have been sent again under another id. Null otherwise.</param>
    public SnapshotTurn? TurnOf(string clientMessageId, string? turnId = null) =>
        Turns.LastOrDefault(t => turnId is not null && t.Id == turnId)
        ?? Turns.LastOrDefault(t => t.ClientIds.Contains(clientMessageId, StringComparer.Ordinal));

    /// <summary>What became of that turn.</summary>
    /// <param name="clientMessageId">The id the message was sent with.</param>
    /// <param name="turnId">The turn, where it is known.</param>
    public TurnFate FindTurn(string clientMessageId, string? turnId = null)
    {
        var turn = TurnOf(clientMessageId, turnId);
        if (turn is null)
            return Turns.Count > 0 && !Turns[^1].KeepsClientIds ? new TurnFate.Unknown() : new TurnFate.NotThere();
        return turn.Status switch
        {
            "completed" => new TurnFate.Completed(turn.Result),
            "interrupted" => new TurnFate.Interrupted(turn.Result),
            "inProgress" => new TurnFate.Running(turn.Id),
            _ => new TurnFate.Failed((turn.Failure ?? FailureClassifier.OfTurn(default)) with { Result = turn.Result }),
        };
    }

    /// <summary>
    /// What became of the review that was started on this thread. Its message has no id of ours, and the server keeps a second turn for the
    /// reviewer itself, which always reads as interrupted (measured): only a report counts as an end.
    /// </summary>
    public TurnFate FindReview() =>
        Turns.LastOrDefault(turn => turn is { Status: "completed", Result.Review.Length: > 0 }) is { } done ? new TurnFate.Completed(done.Result)
        : Turns.LastOrDefault(turn => turn.Failure is not null) is { } failed ? new TurnFate.Failed(failed.Failure! with { Result = failed.Result })
        : Turns.Count == 0 ? new TurnFate.NotThere()
        : new TurnFate.Interrupted(Turns[^1].Result);

    private static SnapshotTurn ReadTurn(string threadId, JsonElement turn, string cwd)
    {
        var ledger = new TurnLedger(cwd);
        var clientIds = new List<string>();
        string? prompt = null;
        var keepsClientIds = true; // Killed in its first milliseconds, a turn has no message at all yet: then nothing ran.
        foreach (var item in turn.Items("items"))
        {
            ledger.Complete(item);
            if (item.Text("type") != "userMessage")
                continue;
            prompt ??= TextOf(item);
            keepsClientIds &= item.TryGetProperty("clientId", out _);
            if (item.Text("clientId") is { } clientId)
                clientIds.Add(clientId);
        }

        var id = turn.Text("id") ?? "";
        var error = turn.Member("error");
        return new SnapshotTurn(
            id,
            turn.Text("status") ?? "",
            clientIds,
            keepsClientIds,
            ledger.Result() with { ThreadId = threadId, TurnId = id },
            error.ValueKind == JsonValueKind.Undefined ? null : FailureClassifier.OfTurn(error))
        {
            Prompt = prompt,
        };
    }

    private static string? TextOf(JsonElement message)
    {
        var texts = message.Items("content").Where(part => part.Text("type") == "text").Select(part => part.Text("text")).OfType<string>().ToList();
        return texts.Count == 0 ? null : string.Join('\n', texts);
    }
}
