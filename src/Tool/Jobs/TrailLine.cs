using CodexCompanion.Pipeline.Turns;

namespace CodexCompanion.Tool.Jobs;

/// <summary>A step of the trail as one line, for the job's log and for <c>--verbose</c>.</summary>
internal static class TrailLine
{
    /// <summary>The line.</summary>
    public static string Of(TrailEntry entry) =>
        $"[{entry.Step}] {entry.Verdict}, {entry.Duration.TotalMilliseconds:0.#} ms{(entry.Reason is null ? "" : $": {entry.Reason}")}";
}
