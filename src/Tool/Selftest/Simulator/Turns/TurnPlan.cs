using CodexCompanion.Tool.Selftest.Simulator.Script;
using CodexCompanion.Tool.Selftest.Simulator.Threads;

namespace CodexCompanion.Tool.Selftest.Simulator.Turns;

/// <summary>What a turn is going to do.</summary>
/// <param name="Directives">In this order.</param>
/// <param name="OnlyMissingEdits">Whether an edit whose effect is already there is left out.</param>
/// <param name="DefaultReply">The answer when no directive gives one.</param>
internal sealed record TurnPlan(IReadOnlyList<Directive> Directives, bool OnlyMissingEdits, string DefaultReply)
{
    /// <summary>The line by which a prompt says that it takes up a turn that was cut off.</summary>
    public const string ContinuationMarker = "codex-companion: continuation after a lost connection";

    /// <summary>
    /// Reads the plan from a prompt. A continuation has what its cut-off predecessors in the thread were to do: their edits, as far as they
    /// are missing, and their replies.
    /// </summary>
    public static TurnPlan From(string prompt, SimulationScript script, IReadOnlyList<RecordedTurn> earlier)
    {
        var isContinuation = prompt.Contains(ContinuationMarker, StringComparison.Ordinal);
        var directives = new List<Directive>();
        if (isContinuation)
        {
            foreach (var text in CutOff(earlier).SelectMany(turn => turn.UserTexts))
                directives.AddRange(DirectivesOf(text, script).Where(d => d is Directive.Edit or Directive.Reply or Directive.ReplySize));
        }

        var own = DirectivesOf(prompt, script).ToList();
        directives.AddRange(isContinuation ? own.Except(directives) : own);
        return new TurnPlan(directives, isContinuation, $"Simulated reply to: {prompt.Split('\n', 2)[0].Trim()}");
    }

    private static IEnumerable<Directive> DirectivesOf(string prompt, SimulationScript script) =>
        DirectiveParser.Parse(prompt).Concat(script.Prompts
            .Where(p => prompt.Contains(p.Contains, StringComparison.Ordinal))
            .SelectMany(p => p.Directives)
            .Select(DirectiveParser.ParseOne));

    private static IEnumerable<RecordedTurn> CutOff(IReadOnlyList<RecordedTurn> earlier) =>
        earlier.Reverse().TakeWhile(turn => turn.Status is not TurnStatus.Completed).Reverse();
}
