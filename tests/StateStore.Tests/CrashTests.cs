using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Records;
using CodexCompanion.StateStore.Tests.Support;
using CodexCompanion.TestProcesses;

namespace CodexCompanion.StateStore.Tests;

/// <summary>Every write, interrupted at every point: the disk full in this process, SIGKILL in another.</summary>
public sealed class CrashTests
{
    private const int DiskFull = 28; // ENOSPC

    public static TheoryData<string> Actions => [.. JobActions.Names];

    [Theory]
    [MemberData(nameof(Actions))]
    public void A_failing_disk_leaves_the_old_or_the_new_state(string action)
    {
        var point = 1;
        for (var fired = true; fired; point++)
        {
            using var fixture = Prepared();
            var faults = new FaultPlan(point, name => throw new IOException($"No space left on device ({name})", DiskFull));
            var store = fixture.Another(new FaultyDisk(NativeDisk.Instance, faults), new FaultyFileSystem(faults));
            try
            {
                JobActions.Perform(store, "task-1", action);
            }
            catch (StateStoreException e)
            {
                Assert.Contains("No space left", e.Message, StringComparison.Ordinal);
            }

            fired = faults.Fired;
            AssertSound(fixture, action, done: !fired);
            Assert.DoesNotContain(Directory.EnumerateFiles(fixture.Root, "*", SearchOption.AllDirectories), path => path.EndsWith(".tmp", StringComparison.Ordinal));
        }

        Assert.True(point > 5, "The faults never bit.");
    }

    [Theory]
    [MemberData(nameof(Actions))]
    public async Task A_process_killed_at_any_point_leaves_the_old_or_the_new_state(string action)
    {
        var point = 1;
        for (var killed = true; killed; point++)
        {
            using var fixture = Prepared();
            using var process = new TestProcess("die-at", $"{point}", fixture.Root, fixture.WorkspaceFolder, "task-1", action);
            killed = await process.FinishAsync() != 0;
            AssertSound(fixture, action, done: !killed);
            Assert.Equal(LockState.Free, fixture.Store.Lock(StateLock.State).Probe().State);
        }

        Assert.True(point > 5, "The kills never bit.");
    }

    private static StoreFixture Prepared()
    {
        var fixture = new StoreFixture(JobActions.KeptFinished);
        fixture.Create("task-1", JobStatus.Running);
        fixture.Create("task-00", JobStatus.Completed);
        fixture.Create("task-0", JobStatus.Completed);
        fixture.Store.PublishBroker(JobActions.Broker("b1"));
        // One entry has no file, as the old runtime leaves it: only the index can keep it. The end is torn off.
        fixture.WriteIndex("""{"version":1,"config":{"stopReviewGate":true},"jobs":[{"id":"task-old","status":"completed"},{"id":"task-1","status":"runn""");
        return fixture;
    }

    private static void AssertSound(StoreFixture fixture, string action, bool done)
    {
        var store = fixture.Another();
        var read = store.ReadJob("task-1");
        Assert.True(read.Kind == StateReadKind.Ok, $"{read.Kind}: {read.Detail}");
        var job = read.Value!;
        Assert.Equal(job.Status == JobStatus.Completed ? "new" : null, job.Rendered);
        var config = store.ReadConfig();
        Assert.Contains(config.Kind, (StateReadKind[])[StateReadKind.Ok, StateReadKind.Missing]);
        var broker = store.ReadBroker();
        Assert.Contains((broker.Kind, broker.Value?.InstanceId), ((StateReadKind, string?)[])[(StateReadKind.Ok, "b1"), (StateReadKind.Ok, "b2"), (StateReadKind.Missing, null)]);
        var listed = store.ListJobs();
        Assert.Superset(new HashSet<string> { "task-0", "task-1", "task-old" }, listed.Select(entry => entry.Id).ToHashSet(StringComparer.Ordinal));
        Assert.Equal(job.Status, listed.Single(entry => entry.Id == "task-1").Status);
        Assert.Equal(listed.Select(entry => entry.Id).Distinct(StringComparer.Ordinal).Count(), listed.Count);
        Assert.All(listed.Where(entry => entry.Id != "task-old" && store.ReadJob(entry.Id).Kind == StateReadKind.Ok), entry => Assert.Equal(store.ReadJob(entry.Id).Value!.Status, entry.Status));
        Assert.All(Directory.EnumerateFiles(fixture.Paths.JobsDirectory, "*.json"), file => Assert.Contains(listed, entry => entry.Id == Path.GetFileNameWithoutExtension(file)));
        if (done)
            AssertDone(store, action);
        store.UpdateJob("task-1", current => current with { Status = JobStatus.Completed, Rendered = "new" }); // Whoever comes next can go on.
        Assert.Equal(JobStatus.Completed, store.ReadJob("task-1").Value!.Status);
    }

    private static void AssertDone(FileStateStore store, string action)
    {
        Assert.Equal(action == "create", store.ReadJob("task-12").Kind == StateReadKind.Ok);
        Assert.Equal(action == "outgrow", store.ReadJob("task-14").Kind == StateReadKind.Ok && store.OlderJobsGoneThroughAt is not null);
        Assert.Equal(action is "remove" or "end", store.ReadJob("task-00").Kind == StateReadKind.Missing);
        Assert.Equal(action is "complete" or "end", store.ReadJob("task-1").Value!.Status == JobStatus.Completed);
        Assert.Equal(action == "publish" ? "b2" : action == "withdraw" ? null : "b1", store.ReadBroker().Value?.InstanceId);
    }
}
