using System.Runtime.Versioning;
using CodexCompanion.StateStore.Records;
using Xunit;

namespace CodexCompanion.Tool.Tests.Doctor.Checks;

[UnsupportedOSPlatform("windows")]
public sealed class OrphanedJobsCheckTests : IDisposable
{
    private const string Check = "orphaned-jobs";
    private readonly DoctorBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData(JobStatus.Running)]
    [InlineData(JobStatus.Queued)]
    public async Task A_job_whose_worker_is_gone_is_marked_failed_and_its_log_kept(JobStatus status)
    {
        _bench.Job("task-a", status, job => job with { Process = DoctorBench.Gone });
        _bench.Store.AppendJobLog("task-a", "the last line");
        var end = await _bench.HealsAsync(Check);
        Assert.Equal("marked failed, log kept", end.DoneOf(Check));
        var job = _bench.Store.ReadJob("task-a").Value!;
        Assert.Equal((JobStatus.Failed, JobErrorCodes.WorkerLost), (job.Status, job.ErrorCode));
        Assert.EndsWith("the last line\n", File.ReadAllText(_bench.Paths.JobLog("task-a")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_whose_pid_is_another_process_now_is_marked_and_the_process_not_touched()
    {
        _bench.Job("task-a", JobStatus.Running, job => job with { Process = DoctorBench.Self with { StartTime = "1" } });
        var end = await _bench.HealsAsync(Check);
        Assert.Contains("is another process now", end.MessageOf(Check), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_record_as_it_was_can_be_brought_back()
    {
        _bench.Job("task-a", JobStatus.Running, job => job with { Process = DoctorBench.Gone });
        await _bench.DoctorAsync();
        Assert.Equal(0, (await _bench.Bench.RunAsync("doctor", "--undo")).ExitCode);
        Assert.Equal(JobStatus.Running, _bench.Store.ReadJob("task-a").Value!.Status);
    }

    [Fact]
    public async Task Jobs_at_work_and_jobs_of_which_nothing_is_known_are_left_alone()
    {
        _bench.Job("task-a", JobStatus.Running, job => job with { Process = DoctorBench.Self });
        _bench.Job("task-b", JobStatus.Running);
        _bench.Job("task-c", JobStatus.Running, job => job with { Process = DoctorBench.Self with { PidNamespace = "pid:[1]" } });
        await _bench.IsLeftAloneAsync(Check);
    }
}
