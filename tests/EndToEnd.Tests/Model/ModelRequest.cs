namespace CodexCompanion.EndToEnd.Tests.Model;

/// <summary>How a request to the stub ended.</summary>
internal enum RequestEnd
{
    /// <summary>It is being answered.</summary>
    Open,

    /// <summary>The answer was sent completely.</summary>
    Answered,

    /// <summary>The stub cut the stream, as it was told to.</summary>
    Cut,

    /// <summary>codex hung up before the answer was complete.</summary>
    ClientLeft,
}

/// <summary>One line of the stub's journal: a request for a piece of a turn.</summary>
/// <param name="Number">Counts from 1 in the order of arrival.</param>
/// <param name="ThreadId">The thread codex names in the header <c>thread-id</c>.</param>
/// <param name="Conversation">What was asked.</param>
/// <param name="At">Time since the stub was started.</param>
/// <param name="InFlight">Requests open at that moment, this one included.</param>
internal sealed record ModelRequest(int Number, string ThreadId, Conversation Conversation, TimeSpan At, int InFlight)
{
    /// <summary>The prompt the request belongs to.</summary>
    public string Prompt => Conversation.Prompt;

    /// <summary>How it ended; changes while the request is open.</summary>
    public RequestEnd End { get; set; }

    public override string ToString() => $"#{Number} {At.TotalSeconds:0.000}s thread {ThreadId} step {Conversation.FinishedCalls} in flight {InFlight} {End}: {Prompt.ReplaceLineEndings(" | ")}";
}
