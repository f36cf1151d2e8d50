using System.Text.Json;
using CodexCompanion.StateStore.Json;
using CodexCompanion.StateStore.Records;

namespace CodexCompanion.StateStore.Jobs;

/// <summary>Takes out of a damaged index what is whole: the settings and every entry that can be read, up to where it is torn.</summary>
internal static class IndexSalvage
{
    /// <summary>Reads as far as it goes. Never fails.</summary>
    public static JobIndex From(ReadOnlySpan<byte> bytes)
    {
        var jobs = new Dictionary<string, JobRecord>(StringComparer.Ordinal);
        WorkspaceConfig? config = null;
        var options = new JsonReaderOptions { MaxDepth = StateJson.Depth };
        var reader = new Utf8JsonReader(bytes, isFinalBlock: false, new JsonReaderState(options));
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1)
                    continue;
                if (reader.ValueTextEquals("config"u8))
                    config = Value(ref reader, WorkspaceConfigFormat.Instance) ?? config;
                else if (reader.ValueTextEquals("jobs"u8))
                    ReadJobs(ref reader, jobs);
                else if (!reader.TrySkip())
                    break;
            }
        }
        catch (JsonException)
        {
            // This is where it is torn; what came before is kept.
        }

        return new JobIndex { Config = config, Jobs = [.. jobs.Values] };
    }

    private static void ReadJobs(ref Utf8JsonReader reader, Dictionary<string, JobRecord> jobs)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
            return;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (Element(ref reader, JobRecordFormat.Instance) is { } job && JobIds.IsValid(job.Id))
                jobs[job.Id] = job;
        }
    }

    private static T? Value<T>(ref Utf8JsonReader reader, JsonFormat<T> format)
        where T : class => reader.Read() ? Element(ref reader, format) : null;

    private static T? Element<T>(ref Utf8JsonReader reader, JsonFormat<T> format)
        where T : class
    {
        if (!JsonDocument.TryParseValue(ref reader, out var document))
            throw new JsonException("Torn.");
        using (document)
        {
            try
            {
                return format.Read(document.RootElement);
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or NotSupportedException)
            {
                return null; // JSON, but not one of ours: this entry is lost, the next may be good.
            }
        }
    }
}
