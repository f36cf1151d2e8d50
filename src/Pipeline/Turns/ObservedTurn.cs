using System.Text.Json;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Rpc;

namespace CodexCompanion.Pipeline.Turns;

/// <summary>
/// What the notifications of one turn add up to: what it brought, what is still open, and its end. It is told only what belongs to the turn
/// or to its subagents, one notification at a time.
/// </summary>
internal sealed class ObservedTurn(string cwd, RunEvents run, SubagentThreads subagents)
{
    private readonly TurnNarrator _narrator = new(run);
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);
    private bool _finalMessageCame;

    /// <summary>What it brought.</summary>
    public TurnLedger Ledger { get; } = new(cwd);

    /// <summary>How it ended; null while it runs.</summary>
    public TurnEnd? End { get; private set; }

    /// <summary>The error the server said it would not retry; null when there is none.</summary>
    public Outcome.Failed? Fatal { get; private set; }

    /// <summary>The final message came and nothing is open: only the word that it ended is missing.</summary>
    public bool LooksOver => _finalMessageCame && _open.Count == 0 && !subagents.AnyWorking;

    /// <summary>Hears a notification of the turn.</summary>
    /// <returns>Whether it may have brought the end nearer, so that whoever waits should look again.</returns>
    public bool Hear(string method, JsonElement told)
    {
        switch (method)
        {
            case "item/started":
                ItemStarted(told.Member("item"));
                return false;
            case "item/completed":
                ItemCompleted(told.Member("item"));
                return true;
            case "thread/tokenUsage/updated":
                Ledger.Count(told.Member("tokenUsage"));
                if (Ledger.Usage is { } usage)
                    run.Tell(new RunEvent.Counted(usage));
                return false;
            case "model/rerouted" when told.Text("toModel") is { } model:
                Ledger.Model = model;
                run.Note($"The server moved the turn from the model {told.Text("fromModel")} to {model}.");
                return false;
            case "warning" when told.Text("message") is { } warning:
                run.Progress(null, $"Warning: {ProgressText.OneLine(warning)}");
                return false;
            case "error":
                return ErrorCame(told);
            case "turn/completed":
                Completed(told.Member("turn"));
                return true;
            default:
                return false;
        }
    }

    /// <summary>Hears a notification of a subagent's thread.</summary>
    /// <returns>As <see cref="Hear"/>.</returns>
    public bool HearSubagent(string threadId, string method, JsonElement told)
    {
        var item = told.Member("item");
        switch (method)
        {
            case "item/started":
                subagents.Look(item);
                return false;
            case "item/completed":
                subagents.Look(item);
                Ledger.CompleteOfSubagent(item);
                _narrator.SubagentCompleted(subagents.NameOf(threadId), item);
                return false;
            case "turn/started":
                subagents.Works(threadId);
                return false;
            case "turn/completed" or "thread/closed":
                subagents.Rests(threadId);
                return true;
            default:
                return false;
        }
    }

    private void ItemStarted(JsonElement item)
    {
        _finalMessageCame = false;
        Fatal = null; // It goes on after all.
        subagents.Look(item);
        if (item.Text("type") is not ("agentMessage" or "reasoning" or "userMessage") && item.Text("id") is { } id)
            _open.Add(id);
        Ledger.Start(item);
        _narrator.Started(item);
    }

    private void ItemCompleted(JsonElement item)
    {
        _open.Remove(item.Text("id") ?? "");
        subagents.Look(item);
        Ledger.Complete(item);
        _narrator.Completed(item);
        _finalMessageCame = item.Text("type") switch
        {
            "agentMessage" => item.Text("text") is { Length: > 0 },
            "exitedReviewMode" => true,
            _ => false,
        };
    }

    private bool ErrorCame(JsonElement told)
    {
        var failure = FailureClassifier.OfTurn(told.Member("error"));
        if (!told.IsTrue("willRetry"))
        {
            Fatal = failure;
            return true;
        }

        var details = told.Member("error").Text("additionalDetails");
        run.Progress("retrying", details is null ? failure.Message : $"{failure.Message} ({ProgressText.OneLine(details)})");
        return false;
    }

    private void Completed(JsonElement turn)
    {
        foreach (var item in turn.Items("items"))
            Ledger.Complete(item);
        var error = turn.Member("error");
        End = turn.Text("status") switch
        {
            "failed" => new TurnEnd.Failed(error.ValueKind == JsonValueKind.Undefined && Fatal is { } told ? told : FailureClassifier.OfTurn(error)),
            "interrupted" => new TurnEnd.Interrupted(),
            _ => new TurnEnd.Completed(),
        };
    }
}
