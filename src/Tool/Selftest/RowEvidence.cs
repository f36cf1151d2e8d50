using CodexCompanion.Tool.Selftest.Simulator.Journal;

namespace CodexCompanion.Tool.Selftest;

/// <summary>Everything a row is judged by, gathered when its last task has ended.</summary>
/// <param name="Runs">The tasks, in their order.</param>
/// <param name="Journal">What the simulated app-servers did.</param>
/// <param name="FileLines">How many lines the file of each task has, by the task's mark.</param>
internal sealed record RowEvidence(
    IReadOnlyList<TaskRun> Runs, SimulationJournal Journal, IReadOnlyDictionary<string, int> FileLines)
{
    /// <summary>
    /// How often a task's side effect was made. Of a writing task: the edits the journal has for its effect. Of a reading one: the turns
    /// that were completed for it.
    /// </summary>
    public int SideEffectsOf(TaskCall call) => call.Writes ? Journal.EditCount(call.Effect) : CompletedTurnsOf(call);

    /// <summary>How many turns were completed on the threads that the task's prompt was sent to, continuations included.</summary>
    public int CompletedTurnsOf(TaskCall call)
    {
        var threads = Journal.Of(JournalEvents.TurnStarted)
            .Where(e => e.Prompt?.Contains(call.Mark, StringComparison.Ordinal) == true)
            .Select(e => e.ThreadId)
            .ToHashSet(StringComparer.Ordinal);
        return Journal.Of(JournalEvents.TurnEnded).Count(e => e.Status is "completed" && threads.Contains(e.ThreadId));
    }

    /// <summary>
    /// What is wrong with a task; null when all is as it must be: exit code 0, its answer and nothing else on stdout, one completed
    /// turn, and, of a writing task, one edit, which is in its file once.
    /// </summary>
    public string? Fault(TaskRun run)
    {
        var call = run.Call;
        if (run.Exit is not { } exit)
            return "did not end in time and was killed";
        if (exit.Code != ExitCodes.Done)
            return exit.Description;
        if (run.Output != call.Answer + "\n")
            return $"answered \"{run.Output.Trim()}\" instead of \"{call.Answer}\"";
        if (CompletedTurnsOf(call) is var turns and not 1)
            return $"was completed by {turns} turns instead of one";
        if (call.Writes && Journal.EditCount(call.Effect) is var edits and not 1)
            return $"made its edit {edits} times instead of once";
        if (call.Writes && FileLines.GetValueOrDefault(call.Mark) is var lines and not 1)
            return $"left {lines} lines in its file instead of one";
        return null;
    }
}
