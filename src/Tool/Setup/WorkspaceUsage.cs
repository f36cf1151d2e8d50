using System.Text.Json;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Records;

namespace CodexCompanion.Tool.Setup;

/// <summary>What the jobs of a workspace used, by the server's own counts.</summary>
internal static class WorkspaceUsage
{
    /// <summary>Adds up.</summary>
    public static (int Jobs, IReadOnlyList<(string Model, Tokens Used)> Each, DateTimeOffset? Since) Of(IStateStore store)
    {
        var jobs = store.ListJobs().Select(entry => store.ReadJob(entry.Id).Value ?? entry).OrderBy(job => job.CreatedAt).ToList();
        var before = new Dictionary<string, Tokens>(StringComparer.Ordinal);
        var each = new List<(string, Tokens)>();
        foreach (var job in jobs)
        {
            if (Total(job) is not { } total)
                continue;
            // The server counts a thread from its begin: of a resumed one only what is new is this job's.
            var known = job.ThreadId is { } thread ? before.GetValueOrDefault(thread) : null;
            if (job.ThreadId is { } counted)
                before[counted] = total;
            each.Add((job.Model ?? "unknown", known is not null && known.Total <= total.Total ? total.Minus(known) : total));
        }

        return (jobs.Count, each, jobs.Count == 0 ? null : jobs[0].CreatedAt);
    }

    private static Tokens? Total(JobRecord job)
    {
        var total = job.Usage?.Member("total") ?? default;
        return total.ValueKind != JsonValueKind.Object ? null : new Tokens(
            Count(total, "inputTokens"), Count(total, "cachedInputTokens"), Count(total, "outputTokens"), Count(total, "reasoningOutputTokens"),
            Count(total, "totalTokens"));
    }

    private static long Count(JsonElement total, string name) =>
        total.Member(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var count) ? count : 0;

    /// <summary>Tokens by kind.</summary>
    internal sealed record Tokens(long Input, long Cached, long Output, long Reasoning, long Total)
    {
        /// <summary>What is left when others are taken away.</summary>
        public Tokens Minus(Tokens other) =>
            new(Input - other.Input, Cached - other.Cached, Output - other.Output, Reasoning - other.Reasoning, Total - other.Total);
    }
}
