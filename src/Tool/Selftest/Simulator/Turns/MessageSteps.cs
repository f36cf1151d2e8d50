using CodexCompanion.Tool.Selftest.Simulator.Shapes;

namespace CodexCompanion.Tool.Selftest.Simulator.Turns;

/// <summary>What the simulated agent says and thinks.</summary>
/// <param name="server">The server.</param>
/// <param name="voice">The turn's voice.</param>
/// <param name="deltas">How many pieces a message comes in; null for one a word.</param>
internal sealed class MessageSteps(ServerContext server, TurnVoice voice, int? deltas)
{
    /// <summary>The text of a directive that is a message.</summary>
    public static string? TextOf(Directive directive) => directive switch
    {
        Directive.Reply(var text) => text,
        Directive.ReplySize(var characters) => new string('x', characters),
        _ => null,
    };

    /// <summary>Says a message in pieces.</summary>
    /// <param name="text">The whole of it.</param>
    /// <param name="inTheMiddle">Done when half of the pieces are out.</param>
    public async Task SayAsync(string text, Func<Task> inTheMiddle)
    {
        var id = "msg_" + server.NewId();
        var startedAt = voice.ItemStarted(ItemShapes.AgentMessage(server.Dialect, id, ""));
        var pieces = deltas is { } count ? Cut(text, count) : Words(text);
        for (var i = 0; i < pieces.Count; i++)
        {
            if (i == pieces.Count / 2)
                await inTheMiddle();
            voice.Delta("item/agentMessage/delta", id, pieces[i]);
        }

        voice.ItemCompleted(ItemShapes.AgentMessage(server.Dialect, id, text), startedAt);
    }

    /// <summary>Shows a summary of thoughts.</summary>
    public void Reason(string summary)
    {
        var id = "rs_" + server.NewId();
        var startedAt = voice.ItemStarted(ItemShapes.Reasoning(id, ""));
        voice.Say("item/reasoning/summaryPartAdded", voice.Of(("itemId", id), ("summaryIndex", 0)));
        voice.Delta("item/reasoning/summaryTextDelta", id, summary, ("summaryIndex", 0));
        voice.ItemCompleted(ItemShapes.Reasoning(id, summary), startedAt);
    }

    // More pieces than characters: the rest are empty, which is still a sign of life.
    private static List<string> Cut(string text, int count) =>
        [.. Enumerable.Range(0, count).Select(i => text[(int)((long)text.Length * i / count)..(int)((long)text.Length * (i + 1) / count)])];

    // A message of megabytes comes in a few large pieces.
    private static List<string> Words(string text) => text.Length > 10_000 ? Cut(text, 10) : [.. text.Split(' ').Select((w, i) => i == 0 ? w : " " + w)];
}
