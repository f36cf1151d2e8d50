using System.Buffers;
using System.Text.Json;
using CodexCompanion.StateStore.Json;
using CodexCompanion.StateStore.Records;

namespace CodexCompanion.StateStore.Jobs;

/// <summary>
/// The index as it is written, in which one entry changes and the others are copied as they stand: to understand and write anew what nobody changes
/// costs most of a transition, and a run has two. Whatever is unusual about an index is left to those who understand all of it.
/// </summary>
internal sealed class IndexText
{
    private readonly ReadOnlyMemory<byte> _text;
    private readonly List<(string Name, Range Value)> _members = [];
    private readonly Dictionary<JobRecord, Range> _entries = new(ReferenceEqualityComparer.Instance);

    private IndexText(ReadOnlyMemory<byte> text) => _text = text;

    /// <summary>The jobs as far as the index goes by them: their ids, statuses and times.</summary>
    public IReadOnlyCollection<JobRecord> Jobs => _entries.Keys;

    /// <summary>Reads one.</summary>
    /// <param name="text">The file.</param>
    /// <returns>Null for one that is damaged, or not of this version.</returns>
    public static IndexText? Of(ReadOnlyMemory<byte> text)
    {
        var index = new IndexText(text);
        try
        {
            var reader = new Utf8JsonReader(text.Span, new JsonReaderOptions { MaxDepth = StateJson.Depth });
            return index.Read(ref reader) ? index : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    /// <summary>The file with an entry put in or replaced and others gone, as <see cref="JobIndexFormat"/> would write it.</summary>
    /// <param name="jobs">What it is to have, in this order: jobs of <see cref="Jobs"/>, and the changed one.</param>
    /// <param name="config">The settings to mirror; null keeps those it has.</param>
    public ReadOnlyMemory<byte> With(IEnumerable<JobRecord> jobs, WorkspaceConfig? config)
    {
        var buffer = new ArrayBufferWriter<byte>(_text.Length + JobIndexFormat.UsualEntry);
        using (var writer = new Utf8JsonWriter(buffer, JsonLayout.Indented))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in _members)
            {
                writer.WritePropertyName(name);
                if (name == "jobs")
                    WriteJobs(writer, jobs);
                else if (name == "config" && config is not null)
                    WorkspaceConfigFormat.Instance.Write(writer, config);
                else
                    Copy(writer, value);
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private void WriteJobs(Utf8JsonWriter writer, IEnumerable<JobRecord> jobs)
    {
        writer.WriteStartArray();
        foreach (var job in jobs)
        {
            if (_entries.TryGetValue(job, out var entry))
                Copy(writer, entry);
            else
                JobRecordFormat.Instance.Write(writer, job);
        }

        writer.WriteEndArray();
    }

    private void Copy(Utf8JsonWriter writer, Range value) => writer.WriteRawValue(_text.Span[value], skipInputValidation: true);

    private bool Read(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return false;
        var (isOfThisVersion, hasJobs) = (false, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            if (name == "version")
                isOfThisVersion = reader.TokenType == JsonTokenType.Number && reader.GetInt32() == JobIndex.CurrentVersion;
            else if (name == "jobs")
                hasJobs = ReadJobs(ref reader);
            else
                reader.Skip();
            _members.Add((name, start..(int)reader.BytesConsumed));
        }

        return isOfThisVersion && hasJobs && !reader.Read() && _members.DistinctBy(member => member.Name, StringComparer.Ordinal).Count() == _members.Count;
    }

    private bool ReadJobs(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var start = LineBreakBefore((int)reader.TokenStartIndex);
            if (ReadJob(ref reader) is not { } job)
                return false;
            _entries.Add(job, start..(int)reader.BytesConsumed);
        }

        return reader.TokenType == JsonTokenType.EndArray;
    }

    // What is copied into a list gets no line of its own from the writer.
    private int LineBreakBefore(int start)
    {
        while (start > 0 && _text.Span[start - 1] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t')
            start--;
        return start;
    }

    private static JobRecord? ReadJob(ref Utf8JsonReader reader)
    {
        string? id = null, status = null;
        DateTimeOffset? created = null, started = null, updated = null, completed = null, collected = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("id"u8))
                id = Text(ref reader);
            else if (reader.ValueTextEquals("status"u8))
                status = Text(ref reader);
            else if (reader.ValueTextEquals("createdAt"u8))
                created = Time(ref reader);
            else if (reader.ValueTextEquals("startedAt"u8))
                started = Time(ref reader);
            else if (reader.ValueTextEquals("updatedAt"u8))
                updated = Time(ref reader);
            else if (reader.ValueTextEquals("completedAt"u8))
                completed = Time(ref reader);
            else if (reader.ValueTextEquals("collectedAt"u8))
                collected = Time(ref reader);
            else
                reader.Skip();
        }

        return id is null
            ? null
            : new JobRecord
            {
                Id = id,
                Status = JobStatusWords.Read(status),
                CreatedAt = created,
                StartedAt = started,
                UpdatedAt = updated,
                CompletedAt = completed,
                CollectedAt = collected,
            };
    }

    private static string? Text(ref Utf8JsonReader reader) => reader.Read() ? reader.GetString() : null;

    private static DateTimeOffset? Time(ref Utf8JsonReader reader) =>
        reader.Read() && reader.TokenType != JsonTokenType.Null ? reader.GetDateTimeOffset() : null;
}
