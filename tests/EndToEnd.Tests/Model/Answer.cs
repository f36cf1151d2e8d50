namespace CodexCompanion.EndToEnd.Tests.Model;

/// <summary>What the stub does with one request.</summary>
internal sealed record Answer
{
    public TimeSpan Delay { get; private init; }

    /// <summary>What the test has to let go of before anything is answered; null for nothing.</summary>
    public string? Hold { get; private init; }

    public int Deltas { get; private init; } = 1;

    public bool Cut { get; private init; }

    public Directive.Status? Status { get; private init; }

    public string? FailedCode { get; private init; }

    /// <summary>The tool to call; null when the answer is a message.</summary>
    public (string Name, string Arguments)? Call { get; private init; }

    public string Text { get; private init; } = "";

    /// <summary>
    /// The answer to a request: the turn's actions one after the other, then the message. A turn that goes on with a lost one looks
    /// first and makes only the edits that are missing, as a model does that was told so.
    /// </summary>
    public static Answer To(Conversation conversation)
    {
        if (conversation.RunningSession is { } session)
            return new Answer { Call = ShellTool.Wait(session) };

        var goesOn = conversation.LostWork.Count > 0;
        var directives = goesOn ? conversation.LostWork : Directive.Parse(conversation.Prompt);
        var answer = new Answer();
        var actions = 0;
        foreach (var directive in directives)
        {
            if (CommandOf(directive, goesOn) is { } command)
            {
                if (actions++ == conversation.FinishedCalls)
                    return conversation.Shell is { } shell ? answer with { Call = (shell.Name, shell.Arguments(command)) } : answer with { Text = "stub: codex offers no shell tool" };
                answer = new Answer();
            }
            else
            {
                answer = answer.With(directive);
            }
        }

        return answer.Text.Length > 0 ? answer : answer with { Text = goesOn ? "Went on with what was missing." : FirstLine(conversation.Prompt) };
    }

    private Answer With(Directive directive) => directive switch
    {
        Directive.Delay delay => this with { Delay = delay.Time },
        Directive.Hold hold => this with { Hold = hold.Name },
        Directive.Deltas deltas => this with { Deltas = deltas.Count },
        Directive.Cut => this with { Cut = true },
        Directive.Status status => this with { Status = status },
        Directive.Failed failed => this with { FailedCode = failed.Code },
        Directive.Reply reply => this with { Text = reply.Text },
        _ => throw new InvalidOperationException($"{directive} is an action"),
    };

    private static string? CommandOf(Directive directive, bool lookFirst) => directive switch
    {
        Directive.Shell shell => shell.Command,
        Directive.Edit edit when lookFirst => $"grep -qxF -- {Quoted(edit.Line)} {Quoted(edit.Path)} || printf '%s\\n' {Quoted(edit.Line)} >> {Quoted(edit.Path)}",
        Directive.Edit edit => $"printf '%s\\n' {Quoted(edit.Line)} >> {Quoted(edit.Path)}",
        Directive.Patch patch => $"apply_patch <<'EOF'\n*** Begin Patch\n*** Add File: {patch.Path}\n+{patch.Line}\n*** End Patch\nEOF\n",
        _ => null,
    };

    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static string FirstLine(string prompt) => $"You said: {prompt.Split('\n')[0]}";
}
