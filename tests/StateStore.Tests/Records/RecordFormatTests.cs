using System.Text.Json;
using System.Text.Json.Nodes;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;
using CodexCompanion.StateStore.Tests.Support;

namespace CodexCompanion.StateStore.Tests.Records;

/// <summary>The files as another program sees them.</summary>
public sealed class RecordFormatTests : IDisposable
{
    private readonly StoreFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void A_job_has_the_field_names_of_the_old_runtime_and_nulls_are_written()
    {
        _fixture.Create("task-1");
        var job = Json(_fixture.Paths.JobFile("task-1"));
        foreach (var name in (string[])[
            "id", "kind", "kindLabel", "title", "jobClass", "summary", "workspaceRoot", "write", "status", "phase", "threadId", "turnId", "sessionId",
            "pid", "logFile", "createdAt", "startedAt", "updatedAt", "completedAt", "errorMessage", "request", "result", "rendered"])
        {
            Assert.True(job.ContainsKey(name), name);
        }

        Assert.Equal("queued", (string?)job["status"]);
        Assert.Equal("2026-11-22T10:15:01.000Z", (string?)job["createdAt"]);
        Assert.Equal(1, (int?)job["version"]);
        Assert.DoesNotContain("isFinished", job);
    }

    [Fact]
    public void Everything_of_a_job_comes_back()
    {
        var job = new JobRecord
        {
            Id = "task-1",
            Title = "Fix \"it\" — ünï \ud83d\ude00 <b>&'+`",
            Status = JobStatus.Running,
            Write = true,
            Process = new ProcessIdentity(4711, "123", "boot", "pid:[1]"),
            StartedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.FromHours(2)),
            ExitCode = 7,
            Request = JsonDocument.Parse("""{"prompt":"x\ny"}""").RootElement,
            TouchedFiles = ["a", "b"],
            RecoveryNotes = ["note"],
        };
        _fixture.Store.CreateJob(job);
        var read = _fixture.Store.ReadJob("task-1").Value!;
        Assert.Equal((job.Title, job.Status, job.Write, job.Process, job.StartedAt, job.ExitCode), (read.Title, read.Status, read.Write, read.Process, read.StartedAt, read.ExitCode));
        Assert.Equal("x\ny", read.Request!.Value.GetProperty("prompt").GetString());
        Assert.Equal(["a", "b"], read.TouchedFiles);
        Assert.Equal(["note"], read.RecoveryNotes);
    }

    [Fact]
    public void No_member_of_a_job_is_forgotten_by_reader_or_writer()
    {
        var json = new JsonObject();
        foreach (var property in typeof(JobRecord).GetProperties().Where(p => p.CanWrite && p.Name != nameof(JobRecord.Extra)))
            json[JsonNamingPolicy.CamelCase.ConvertName(property.Name)] = ValueFor(property);
        using var written = JsonDocument.Parse(json.ToJsonString());

        var job = JobRecordFormat.Instance.Read(written.RootElement);

        Assert.Null(job.Extra);
        Assert.True(JsonNode.DeepEquals(json, JsonNode.Parse(JobRecordFormat.Instance.ToBytes(job).Span)));
    }

    [Fact]
    public void Text_with_half_a_character_can_still_be_kept_and_read()
    {
        _fixture.Store.CreateJob(new JobRecord { Id = "task-1", Rendered = "torn \ud83d here" });
        Assert.Equal("torn \ufffd here", _fixture.Store.ReadJob("task-1").Value!.Rendered);
    }

    [Fact]
    public void A_result_may_nest_deeper_than_the_usual_limit()
    {
        using var deep = JsonDocument.Parse(string.Concat(Enumerable.Repeat("[", 120)) + string.Concat(Enumerable.Repeat("]", 120)), new JsonDocumentOptions { MaxDepth = 200 });
        _fixture.Store.CreateJob(new JobRecord { Id = "task-1", Result = deep.RootElement });
        Assert.Equal(StateReadKind.Ok, _fixture.Store.ReadJob("task-1").Kind);
    }

    [Fact]
    public void A_record_of_the_old_runtime_is_read()
    {
        _fixture.Write(_fixture.Paths.JobFile("task-old"), """{"id":"task-old","status":"completed","jobClass":"task","threadId":"t","updatedAt":"2025-03-01T10:00:00.000Z"}""");
        var job = _fixture.Store.ReadJob("task-old").Value!;
        Assert.Equal((0, JobStatus.Completed, "t", null), (job.Version, job.Status, job.ThreadId, job.CreatedAt));
    }

    [Theory]
    [InlineData("""{"status":"running"}""")]
    [InlineData("""{"id":null,"status":"running"}""")]
    [InlineData("""{"id":"task-2","status":"running"}""")]
    [InlineData("""{"id":"task-1","status":"paused"}""")]
    [InlineData("""{"id":"task-1","status":1}""")]
    [InlineData("""{"id":"task-1","status":"running","createdAt":"yesterday"}""")]
    [InlineData("""{"id":"task-1","status":"running","title":"\ud83d"}""")]
    public void What_is_not_this_job_is_corrupt(string content)
    {
        _fixture.Write(_fixture.Paths.JobFile("task-1"), content);
        Assert.Equal(StateReadKind.Corrupt, _fixture.Store.ReadJob("task-1").Kind);
    }

    [Fact]
    public void Unknown_members_survive_a_rewrite_in_every_file()
    {
        _fixture.WriteIndex("""{"version":1,"top":1,"config":{"inConfig":2},"jobs":[{"id":"task-1","status":"running","inEntry":3},{"id":"task-2","status":"failed","other":4}]}""");
        _fixture.Write(_fixture.Paths.JobFile("task-1"), """{"version":1,"id":"task-1","status":"running","inJob":{"deep":[5]}}""");
        _fixture.Store.UpdateJob("task-1", job => job with { Status = JobStatus.Completed });
        _fixture.Store.UpdateConfig(config => config with { StopReviewGate = true });

        var index = Json(_fixture.Paths.IndexFile);
        Assert.Equal(1, (int?)index["top"]);
        Assert.Equal(2, (int?)index["config"]!["inConfig"]);
        Assert.Contains("\"other\": 4", File.ReadAllText(_fixture.Paths.IndexFile), StringComparison.Ordinal);
        Assert.Equal(5, (int?)Json(_fixture.Paths.JobFile("task-1"))["inJob"]!["deep"]![0]);
        Assert.Equal(2, (int?)Json(_fixture.Paths.ConfigFile)["inConfig"]);
        Assert.True((bool?)Json(_fixture.Paths.ConfigFile)["stopReviewGate"]);
    }

    [Fact]
    public void The_index_leaves_out_what_is_bulky()
    {
        _fixture.Store.CreateJob(new JobRecord
        {
            Id = "task-1",
            Title = "kept",
            Rendered = "canary",
            Request = JsonDocument.Parse("\"canary\"").RootElement,
            Result = JsonDocument.Parse("\"canary\"").RootElement,
        });
        var text = File.ReadAllText(_fixture.Paths.IndexFile);
        Assert.Contains("kept", text, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", text, StringComparison.Ordinal);
        Assert.Contains("canary", File.ReadAllText(_fixture.Paths.JobFile("task-1")), StringComparison.Ordinal);
    }

    private static JsonNode ValueFor(System.Reflection.PropertyInfo property) => property.Name switch
    {
        nameof(JobRecord.Status) => "failed",
        nameof(JobRecord.Process) or nameof(JobRecord.AppServer) => JsonNode.Parse("""{"pid":4711,"startTime":"123","bootId":"boot","pidNamespace":"pid:[1]"}""")!,
        _ when property.PropertyType == typeof(bool) => true,
        _ when property.PropertyType == typeof(int) || property.PropertyType == typeof(int?) => 42,
        _ when property.PropertyType == typeof(DateTimeOffset?) => "2026-11-22T10:15:01.250Z",
        _ when property.PropertyType == typeof(string) => $"some {property.Name}",
        _ => new JsonArray(property.Name, "b"),
    };

    private static JsonObject Json(string path) => JsonNode.Parse(File.ReadAllText(path))!.AsObject();
}
