using CodexCompanion.StateStore.Records;
using CodexCompanion.StateStore.Tests.Support;

namespace CodexCompanion.StateStore.Tests;

public sealed class ConcurrencyTests : IDisposable
{
    private const int Processes = 10;
    private const int Updates = 100;

    private readonly StoreFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Ten_processes_lose_none_of_a_hundred_updates_each_while_readers_see_only_whole_files()
    {
        _fixture.Create("task-counter", JobStatus.Running);
        var writers = Enumerable.Range(0, Processes)
            .Select(_ => new TestProcess("update-jobs", _fixture.Root, _fixture.WorkspaceFolder, "task-counter", $"{Updates}")).ToList();
        try
        {
            var finished = Task.WhenAll(writers.Select(writer => writer.FinishAsync()));
            while (!finished.IsCompleted)
            {
                Assert.Equal(StateReadKind.Ok, _fixture.Store.ReadJob("task-counter").Kind);
                Assert.NotEmpty(_fixture.Store.ListJobs());
                await Task.Yield();
            }

            Assert.All(await finished, code => Assert.Equal(0, code));
        }
        finally
        {
            writers.ForEach(writer => writer.Dispose());
        }

        Assert.Equal($"{Processes * Updates}", _fixture.Store.ReadJob("task-counter").Value!.Summary);
        Assert.Equal(1 + (Processes * Updates / 10), _fixture.Store.ListJobs().Count);
        Assert.Empty(_fixture.Quarantined());
        Assert.DoesNotContain(Directory.EnumerateFiles(_fixture.Root, "*", SearchOption.AllDirectories), path => path.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Threads_of_one_process_exclude_each_other_as_well()
    {
        _fixture.Create("task-counter", JobStatus.Running);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 25; i++)
                _fixture.Store.UpdateJob("task-counter", job => job with { ExitCode = (job.ExitCode ?? 0) + 1 });
        })));
        Assert.Equal(100, _fixture.Store.ReadJob("task-counter").Value!.ExitCode);
    }

    [Fact]
    public async Task Many_first_writers_create_the_state_together()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => _fixture.Another().CreateJob(new JobRecord { Id = $"task-{i}" }))));
        Assert.Equal(20, Directory.EnumerateFiles(_fixture.Paths.JobsDirectory).Count());
        Assert.Equal(20, _fixture.Store.ListJobs().Count);
    }
}
