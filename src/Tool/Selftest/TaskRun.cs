using CodexCompanion.Pipeline.Processes;

namespace CodexCompanion.Tool.Selftest;

/// <summary>A task that was run, as seen from outside.</summary>
/// <param name="Call">What was asked.</param>
/// <param name="Exit">How its process ended; null when it had to be killed, its time being over.</param>
/// <param name="Output">Its stdout.</param>
/// <param name="ErrorOutput">Its stderr, with the trail of the pipeline.</param>
/// <param name="LogFile">Where all of this can be read.</param>
internal sealed record TaskRun(TaskCall Call, ChildExit? Exit, string Output, string ErrorOutput, string LogFile)
{
    /// <summary>Whether the trail has a step that came to this verdict.</summary>
    public bool HasVerdict(string step, string verdict) => ErrorOutput.Contains($"[{step}] {verdict},", StringComparison.Ordinal);
}
