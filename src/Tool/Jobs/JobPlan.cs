using CodexCompanion.Pipeline;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Records;

namespace CodexCompanion.Tool.Jobs;

/// <summary>A job of any kind that is ready to run: nothing was started or recorded yet, and nothing about its input is wrong.</summary>
/// <param name="Store">The workspace's state; its folders are there.</param>
/// <param name="Job">The job as it will be recorded.</param>
/// <param name="Work">Its work.</param>
/// <param name="Limits">Time limits, those of the command line included.</param>
internal sealed record JobPlan(IStateStore Store, JobRecord Job, IJobWork Work, TimeLimits Limits)
{
    /// <summary>What is worth saying before it begins.</summary>
    public IReadOnlyList<Remark> Remarks { get; init; } = [];
}

/// <summary>Something to say that is no part of a result.</summary>
/// <param name="Sentence">The sentence, for the job's log.</param>
/// <param name="Shown">Whether a person gets to see it at once, too.</param>
internal sealed record Remark(string Sentence, bool Shown)
{
    /// <summary>It as a line of the log: who follows that sees what it is.</summary>
    public string Line => Shown ? NoteLine.Of(Sentence) : Sentence;
}
