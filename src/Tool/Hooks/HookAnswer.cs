using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Hooks;

/// <summary>What a hook has to say to its host: closed, one of three. The exit code is 0 in any case.</summary>
internal abstract record HookAnswer
{
    private HookAnswer()
    {
    }

    /// <summary>Nothing: no byte is written.</summary>
    public static HookAnswer Nothing { get; } = new Silence();

    /// <summary>Says it: exactly one JSON object, or nothing. That nobody reads it is no failure of the hook.</summary>
    public void Say(StandardStreams streams)
    {
        switch (this)
        {
            case Note note:
                Reporter.TryPrint(streams, JsonText.Line(new HookNoteJson(Plain.OneLine(note.Message)), ToolJson.Default.HookNoteJson) + "\n");
                break;
            case Block block:
                Reporter.TryPrint(streams, JsonText.Line(new HookBlockJson("block", block.Reason), ToolJson.Default.HookBlockJson) + "\n");
                break;
        }
    }

    /// <summary>Something the user should know. stderr would reach nobody.</summary>
    internal sealed record Note(string Message) : HookAnswer;

    /// <summary>The session must go on, for this reason.</summary>
    internal sealed record Block(string Reason) : HookAnswer;

    private sealed record Silence : HookAnswer;
}
