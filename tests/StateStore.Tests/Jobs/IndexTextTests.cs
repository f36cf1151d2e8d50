using System.Text;
using System.Text.Json;
using CodexCompanion.StateStore.Jobs;
using CodexCompanion.StateStore.Records;
using CodexCompanion.StateStore.Tests.Support;

namespace CodexCompanion.StateStore.Tests.Jobs;

public sealed class IndexTextTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Whatever_changes_it_writes_what_the_format_would()
    {
        var random = new Random(20260301); // The same each time.
        for (var round = 0; round < 300; round++)
        {
            var index = Index(random, random.Next(0, 12));
            var changed = random.Next(3) == 0 || index.Jobs.Count == 0 ? Job(random, "task-new") : Job(random, index.Jobs[random.Next(index.Jobs.Count)].Id);
            var config = random.Next(3) == 0 ? new WorkspaceConfig { StopReviewGate = true } : null;
            var gone = index.Jobs.Where(job => job.Id != changed.Id && random.Next(4) == 0).Select(job => job.Id).ToHashSet(StringComparer.Ordinal);

            var text = IndexText.Of(Bytes(index))!;
            var jobs = JobIndex.Sorted(text.Jobs.Where(job => job.Id != changed.Id && !gone.Contains(job.Id)).Append(JobIndex.EntryOf(changed)));
            var expected = index.With(changed).Without(gone) with { Config = config ?? index.Config };
            Assert.Equal(Encoding.UTF8.GetString(Bytes(expected).Span), Encoding.UTF8.GetString(text.With(jobs, config).Span));
        }
    }

    [Fact]
    public void It_knows_of_each_job_what_the_index_goes_by()
    {
        var index = Index(new Random(7), 20);
        Assert.Equal(
            index.Jobs.Select(job => (job.Id, job.Status, job.CreatedAt, job.EndedAt, job.CollectedAt)),
            IndexText.Of(Bytes(index))!.Jobs.Select(job => (job.Id, job.Status, job.CreatedAt, job.EndedAt, job.CollectedAt)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"version":1}""")]
    [InlineData("""{"jobs":[]}""")]
    [InlineData("""{"version":2,"jobs":[]}""")]
    [InlineData("""{"version":"1","jobs":[]}""")]
    [InlineData("""{"version":1,"jobs":null}""")]
    [InlineData("""{"version":1,"jobs":{}}""")]
    [InlineData("""{"version":1,"jobs":[null]}""")]
    [InlineData("""{"version":1,"jobs":[{}]}""")]
    [InlineData("""{"version":1,"jobs":[{"id":null}]}""")]
    [InlineData("""{"version":1,"jobs":[{"id":7}]}""")]
    [InlineData("""{"version":1,"jobs":[{"id":"task-1","status":"odd"}]}""")]
    [InlineData("""{"version":1,"jobs":[{"id":"task-1","createdAt":"yesterday"}]}""")]
    [InlineData("""{"version":1,"jobs":[{"id":"task-1","completedAt":{}}]}""")]
    [InlineData("""{"version":1,"jobs":[],"jobs":[]}""")]
    [InlineData("""{"version":1,"version":1,"jobs":[]}""")]
    [InlineData("""{"version":1,"jobs":[]} {}""")]
    [InlineData("""{"version":1,"jobs":[{"id":"task-1"}""")]
    [InlineData("""{"version":1,"jobs":[{"id":"task-1"}]""")]
    [InlineData("""{"version":1,"jobs":[{"id":"\ud800"}]}""")]
    public void What_is_unusual_is_left_to_others(string text) => Assert.Null(IndexText.Of(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void An_entry_that_nobody_can_read_is_found_by_the_next_reader_and_costs_no_other_job()
    {
        using var fixture = new StoreFixture();
        fixture.Create("task-1", JobStatus.Running);
        fixture.Create("task-2", JobStatus.Completed);
        fixture.WriteIndex(File.ReadAllText(fixture.Paths.IndexFile).Replace("\"title\": null", "\"title\": 7", StringComparison.Ordinal));
        fixture.Store.UpdateJob("task-1", job => job with { Status = JobStatus.Completed });
        Assert.Equal(["task-2", "task-1"], fixture.Listed());
        Assert.All(fixture.Store.ListJobs(), job => Assert.Equal(JobStatus.Completed, job.Status));
        Assert.Single(fixture.Quarantined());
    }

    [Fact]
    public void A_workspace_goes_on_with_an_index_that_was_written_by_hand()
    {
        using var fixture = new StoreFixture();
        fixture.WriteIndex("""{ "jobs":[ {"id":"task-old","status":"completed","mine":[1,2]} ],"version":1 , "note":"kept" }""");
        fixture.Create("task-1");
        using var written = JsonDocument.Parse(File.ReadAllText(fixture.Paths.IndexFile));
        Assert.Equal("kept", written.RootElement.GetProperty("note").GetString());
        Assert.Equal(["task-1", "task-old"], written.RootElement.GetProperty("jobs").EnumerateArray().Select(job => job.GetProperty("id").GetString()!));
        Assert.Equal(2, written.RootElement.GetProperty("jobs")[1].GetProperty("mine").GetArrayLength());
    }

    private static ReadOnlyMemory<byte> Bytes(JobIndex index) => JobIndexFormat.Instance.ToBytes(index, indented: true);

    private static JobIndex Index(Random random, int jobs) => new()
    {
        Config = random.Next(2) == 0 ? new WorkspaceConfig { StopReviewGate = random.Next(2) == 0 } : null,
        Archived = random.Next(2) * random.Next(100),
        Extra = random.Next(3) == 0 ? new() { ["later"] = Json("""{"a":[1,"ü\n\"",{"b":null}]}""") } : null,
        Jobs = JobIndex.Sorted(Enumerable.Range(0, jobs).Select(i => Job(random, $"task-{i}"))),
    };

    private static JobRecord Job(Random random, string id) => new()
    {
        Id = id,
        Status = (JobStatus)random.Next(Enum.GetValues<JobStatus>().Length),
        Title = random.Next(2) == 0 ? null : "Title \"of\" ünïcode 😀 \u0001 <b>&'</b>",
        Summary = random.Next(2) == 0 ? null : new string('s', random.Next(200)),
        CreatedAt = Time(random),
        StartedAt = Time(random),
        UpdatedAt = Time(random),
        CompletedAt = Time(random),
        CollectedAt = Time(random),
        TouchedFiles = random.Next(2) == 0 ? ["a/b.txt", "ü"] : null,
        Usage = random.Next(2) == 0 ? Json("""{"total":{"inputTokens":12,"share":0.5}}""") : null,
        Extra = random.Next(4) == 0 ? new() { ["future"] = Json("[{},[],1e3]") } : null,
        ExitCode = random.Next(2) == 0 ? random.Next(9) : null,
    };

    private static DateTimeOffset? Time(Random random) => random.Next(2) == 0 ? null : Start.AddSeconds(random.Next(5));

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement.Clone();
}
