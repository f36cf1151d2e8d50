using CodexCompanion.Pipeline;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Jobs;
using Xunit;

namespace CodexCompanion.Tool.Tests.Jobs;

public sealed class JobReconcilerTests : IDisposable
{
    private readonly ToolBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Of_two_that_find_a_worker_dead_at_once_only_the_one_that_marks_its_job_says_so()
    {
        var host = _bench.Host(Stream.Null, Stream.Null);
        var self = new ProcessTable().Self;
        var dead = new ProcessIdentity(int.MaxValue - 1, "1", self.BootId, self.PidNamespace);
        var job = new JobRecord { Id = "task-lost", Status = JobStatus.Running, Process = dead, Pid = dead.Pid };
        _bench.Store.CreateJob(job);
        // The other one is quicker: it marks the job after this one saw that it is lost.
        var processes = new Interrupted(2, () => new JobReconciler(host, new TimeLimits()).OneAsync(_bench.Store, job).GetAwaiter().GetResult());

        var marked = await new JobReconciler(host with { Processes = () => processes }, new TimeLimits()).OneAsync(_bench.Store, job);

        Assert.Equal(JobErrorCodes.WorkerLost, marked.ErrorCode);
        Assert.Single(File.ReadAllLines(_bench.Store.Paths.JobLog(job.Id)), line => line.Contains("The worker died", StringComparison.Ordinal));
    }

    /// <summary>The processes there are; something happens in the middle of one of the looks.</summary>
    private sealed class Interrupted(int at, Action what) : IProcessTable
    {
        private readonly ProcessTable _table = new();
        private int _looks;

        public ProcessIdentity Self => _table.Self;

        public ProcessIdentity? Identify(int other) => _table.Identify(other);

        public ProcessPresence Look(ProcessIdentity recorded)
        {
            if (++_looks == at)
                what();
            return _table.Look(recorded);
        }
    }
}
