namespace CodexCompanion.Tool.Selftest.Simulator.Turns;

/// <summary>One thing a prompt tells the simulated agent to do, by a line that begins with <c>sim:</c>.</summary>
internal abstract record Directive
{
    private Directive()
    {
    }

    /// <summary><c>reply "text"</c>: a message; the last one is the turn's answer.</summary>
    internal sealed record Reply(string Text) : Directive;

    /// <summary><c>reply-size N</c>: a message of N characters.</summary>
    internal sealed record ReplySize(int Characters) : Directive;

    /// <summary><c>edit EFFECT PATH</c>: adds the line EFFECT to a file below the thread's folder.</summary>
    internal sealed record Edit(string Effect, string Path) : Directive;

    /// <summary><c>think 500ms</c> or <c>think 2s</c>.</summary>
    internal sealed record Think(TimeSpan Time) : Directive;

    /// <summary><c>deltas N</c>: messages come in N pieces.</summary>
    internal sealed record Deltas(int Count) : Directive;

    /// <summary><c>run COMMAND</c>: really runs it in a shell.</summary>
    internal sealed record Run(string Command) : Directive;

    /// <summary><c>ask-approval [COMMAND]</c>: asks the client first.</summary>
    internal sealed record AskApproval(string Command) : Directive;

    /// <summary><c>elicit</c>: asks the client to fill in a form.</summary>
    internal sealed record Elicit : Directive;

    /// <summary><c>subagent before|after ["text"]</c>: a subagent whose turn ends before or after the main one.</summary>
    internal sealed record Subagent(bool EndsAfter, string Text) : Directive;

    /// <summary><c>reasoning "text"</c>: a summary of thoughts.</summary>
    internal sealed record Reasoning(string Text) : Directive;

    /// <summary><c>fail KIND</c>: the turn fails.</summary>
    internal sealed record Fail(string Kind) : Directive;

    /// <summary><c>retry-error</c>: an error after which the turn goes on.</summary>
    internal sealed record RetryError : Directive;

    /// <summary><c>no-completed</c>: the turn never ends, though its answer is there.</summary>
    internal sealed record NoCompleted : Directive;

    /// <summary><c>ignore-interrupt</c>.</summary>
    internal sealed record IgnoreInterrupt : Directive;

    /// <summary>A directive nobody knows: the turn fails and says so.</summary>
    internal sealed record Unknown(string Line) : Directive;
}
