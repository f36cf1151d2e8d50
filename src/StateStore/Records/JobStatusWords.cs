using System.Text.Json;

namespace CodexCompanion.StateStore.Records;

/// <summary>Statuses as the words that stand in files and in the output for programs.</summary>
public static class JobStatusWords
{
    /// <summary>A status as a word.</summary>
    public static string Of(JobStatus status) => status switch
    {
        JobStatus.Queued => "queued",
        JobStatus.Running => "running",
        JobStatus.Completed => "completed",
        JobStatus.Failed => "failed",
        _ => "cancelled",
    };

    /// <summary>The status a word of a record means; a record without one was never started.</summary>
    /// <exception cref="JsonException">It means none.</exception>
    internal static JobStatus Read(string? word) => word switch
    {
        null or "queued" => JobStatus.Queued,
        "running" => JobStatus.Running,
        "completed" => JobStatus.Completed,
        "failed" => JobStatus.Failed,
        "cancelled" => JobStatus.Cancelled,
        _ => throw new JsonException("The value of status is no status.", "$.status", lineNumber: null, bytePositionInLine: null),
    };
}
