using System.Globalization;
using System.Text.Json;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Jobs;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Watching;

/// <summary>What is watched of a job at one moment.</summary>
/// <param name="Found">The job, and the state it lies in.</param>
/// <param name="View">What is worked out of it.</param>
internal sealed record WatchRow(FoundJob Found, JobView View)
{
    /// <summary>The job.</summary>
    public JobRecord Job => Found.Job;

    /// <summary>What it is doing; once it has ended, how it did.</summary>
    public string Phase => Plain.OneLine(Job.IsFinished ? JobView.Word(Job.Status) : Job.Phase ?? JobView.Word(Job.Status));

    /// <summary>Time since its start, or the time it took.</summary>
    public string Elapsed => View.Elapsed ?? View.Duration ?? "";

    /// <summary>The newest line of its log; of a failed job, why.</summary>
    public string LastLine => Plain.OneLine(Job.ErrorMessage ?? (View.Progress is [.., var line] ? line : Job.Summary ?? ""));

    /// <summary>Tokens so far, as a person reads them; empty while none were counted.</summary>
    public string Tokens => Job.Usage?.Member("total").Member("totalTokens") is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var count)
        ? count switch
        {
            < 10_000 => count.ToString(CultureInfo.InvariantCulture),
            < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{count / 1000.0:0.#}k"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{count / 1_000_000.0:0.#}M"),
        }
        : "";
}
