using System.Globalization;
using System.Text;
using CodexCompanion.StateStore.Records;
using CodexCompanion.StateStore.Tests.Support;

namespace CodexCompanion.StateStore.Tests;

/// <summary>Thousands of jobs and dozens of writers: what a look reads does not grow, and nothing is lost.</summary>
public sealed class BigWorkspaceTests : IDisposable
{
    private const int Active = 50;

    private readonly StoreFixture _fixture = new(keptFinished: 50);

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void A_look_and_a_change_read_as_much_among_five_thousand_jobs_as_among_fifty()
    {
        using var small = new StoreFixture(keptFinished: 50);
        var few = Costs(small, finished: 50);
        var many = Costs(_fixture, finished: 5000);
        Assert.Equal(few.Look.Files, many.Look.Files);
        Assert.Equal(few.Change.Files, many.Change.Files);
        Assert.InRange(many.Look.Bytes, few.Look.Bytes / 2, few.Look.Bytes * 2);
        Assert.Equal(5000 + Active, _fixture.Store.ListJobs().Count);
        Assert.Equal(Active - 1, _fixture.Store.ListNewestJobs(sessionId: null).Count(job => !job.IsFinished));
    }

    [Fact]
    public async Task Fifty_processes_that_write_progress_at_once_lose_nothing()
    {
        const int updates = 10;
        var ids = Enumerable.Range(0, Active).Select(i => $"task-{i}").ToList();
        ids.ForEach(id => _fixture.Create(id, JobStatus.Running));
        var writers = ids.Select(id => new TestProcess("update-jobs", _fixture.Root, _fixture.WorkspaceFolder, id, updates.ToString(CultureInfo.InvariantCulture))).ToList();
        try
        {
            Assert.All(await Task.WhenAll(writers.Select(writer => writer.FinishAsync())), code => Assert.Equal(0, code));
        }
        finally
        {
            writers.ForEach(writer => writer.Dispose());
        }

        Assert.All(ids, id => Assert.Equal($"{updates}", _fixture.Store.ReadJob(id).Value!.Summary));
        Assert.Equal(2 * Active, _fixture.Store.ListJobs().Count); // Each recorded one of its own besides.
        Assert.Empty(_fixture.Quarantined());
    }

    private static ((int Files, long Bytes) Look, (int Files, long Bytes) Change) Costs(StoreFixture fixture, int finished)
    {
        var jobs = Enumerable.Range(0, finished).Select(i => string.Create(
            CultureInfo.InvariantCulture, $$"""{"id":"task-old{{i}}","status":"completed","summary":"{{new string('x', 100)}}","createdAt":"2026-01-01T00:00:00Z"}"""));
        fixture.WriteIndex(new StringBuilder("""{"version":1,"jobs":[""").AppendJoin(',', jobs).Append("]}").ToString());
        foreach (var i in Enumerable.Range(0, Active))
            fixture.Create($"task-active{i}", JobStatus.Running);

        var disk = new CountingDisk();
        var store = fixture.Another(disk);
        store.UpdateJob("task-active1", job => job with { Phase = "first" }); // Whatever the first change of a process has to look at besides.
        disk.Begin();
        Assert.Contains(store.ListNewestJobs(sessionId: null), job => job.Phase == "first");
        Assert.False(disk.HasRead(fixture.Paths.ArchiveFile));
        var look = disk.Read;
        disk.Begin();
        store.UpdateJob("task-active1", job => job with { Status = JobStatus.Completed });
        Assert.False(disk.HasRead(fixture.Paths.ArchiveFile));
        return (look, disk.Read);
    }
}
