using System.Text.Json;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.CommandLine;

namespace CodexCompanion.Tool.Jobs;

/// <summary>The <c>request</c> of a job's record, member by member. A member that is missing or of another type is null.</summary>
internal sealed class RecordedRequest(JsonElement request)
{
    /// <summary>Member of every kind's request: the job waits until nobody else writes in its tree.</summary>
    public const string Exclusive = "exclusive";

    /// <summary>Member of a review's request: the form it is printed in.</summary>
    public const string Format = "format";

    /// <summary>That of a record, or why it cannot be used.</summary>
    public static Attempt<RecordedRequest> Of(JobRecord job) =>
        job.Request is { ValueKind: JsonValueKind.Object } request ? new RecordedRequest(request) : Incomplete(job);

    /// <summary>The error of a request in which something is missing.</summary>
    public static CommandError Incomplete(JobRecord job) =>
        CommandError.State($"The record of job {job.Id} does not say what was asked for, so it cannot be run.");

    /// <summary>A text.</summary>
    public string? Text(string name) =>
        request.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;

    /// <summary>A truth value; false when it is missing.</summary>
    public bool Flag(string name) => request.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.True;

    /// <summary>A time span, kept in seconds.</summary>
    public TimeSpan? Seconds(string name) =>
        request.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.Number && member.TryGetDouble(out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : null;

    /// <summary>Any value; undefined when it is missing.</summary>
    public JsonElement Member(string name) => request.TryGetProperty(name, out var member) ? member : default;

    /// <summary>The members of an object, by name; none when it is missing.</summary>
    public Dictionary<string, JsonElement> Members(string name) =>
        Member(name) is { ValueKind: JsonValueKind.Object } table
            ? table.EnumerateObject().ToDictionary(member => member.Name, member => member.Value, StringComparer.Ordinal)
            : new Dictionary<string, JsonElement>(StringComparer.Ordinal);
}
