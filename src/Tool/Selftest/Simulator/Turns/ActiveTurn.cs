using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using CodexCompanion.Tool.Selftest.Simulator.Threads;

namespace CodexCompanion.Tool.Selftest.Simulator.Turns;

/// <summary>A turn while it runs.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A source without timer and wait handle holds nothing; turns may look at it after the end.")]
internal sealed class ActiveTurn(RecordedTurn turn, UserMessage message, int number)
{
    private readonly CancellationTokenSource _interruption = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public RecordedTurn Turn { get; } = turn;

    /// <summary>What the user said.</summary>
    public UserMessage Message { get; } = message;

    /// <summary>The client's own name of that message.</summary>
    public string? ClientUserMessageId => Message.ClientId;

    /// <summary>Which of the turns this process was asked for it is, from 1; 0 for a turn nobody asked for, as a subagent's.</summary>
    public int Number { get; } = number;

    /// <summary>What the user said since, in the order it came.</summary>
    public ConcurrentQueue<UserMessage> Steering { get; } = new();

    /// <summary>Whether <see cref="Interrupt"/> has no effect.</summary>
    public bool IgnoresInterrupt { get; set; }

    /// <summary>The policy for this turn when the client sent one with it.</summary>
    public JsonObject? Sandbox { get; init; }

    /// <summary>Done when all of the turn has been said, whichever way it ended.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Cancelled when the user interrupts the turn.</summary>
    public CancellationToken Interruption => _interruption.Token;

    public void SetEnded() => _ended.TrySetResult();

    /// <summary>What the user's interruption does: nothing, if the turn ignores it.</summary>
    public void Interrupt()
    {
        if (!IgnoresInterrupt)
            Cut();
    }

    /// <summary>Ends the turn as interrupted, in any case.</summary>
    public void Cut() => _interruption.Cancel();
}

/// <summary>One message of the user.</summary>
/// <param name="Content">Its parts, as they came.</param>
/// <param name="ClientId">The client's name for it.</param>
internal sealed record UserMessage(JsonArray Content, string? ClientId)
{
    /// <summary>All its text parts.</summary>
    public string Text { get; } = string.Join('\n', Content.Select(part => part?["text"]?.GetValue<string>()).OfType<string>());
}
