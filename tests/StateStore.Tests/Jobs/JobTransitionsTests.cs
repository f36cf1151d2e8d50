using CodexCompanion.StateStore.Jobs;
using CodexCompanion.StateStore.Records;

namespace CodexCompanion.StateStore.Tests.Jobs;

public sealed class JobTransitionsTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 10, 15, 0, TimeSpan.Zero);
    private static readonly JobRecord Lost = Job(JobStatus.Failed) with { ErrorCode = JobErrorCodes.WorkerLost, CompletedAt = Now.AddHours(-1) };

    [Theory]
    [InlineData(JobStatus.Queued, JobStatus.Running, JobStatus.Running)]
    [InlineData(JobStatus.Queued, JobStatus.Cancelled, JobStatus.Cancelled)]
    [InlineData(JobStatus.Running, JobStatus.Completed, JobStatus.Completed)]
    [InlineData(JobStatus.Running, JobStatus.Queued, JobStatus.Running)]
    [InlineData(JobStatus.Cancelled, JobStatus.Completed, JobStatus.Cancelled)]
    [InlineData(JobStatus.Cancelled, JobStatus.Running, JobStatus.Cancelled)]
    [InlineData(JobStatus.Completed, JobStatus.Cancelled, JobStatus.Completed)]
    [InlineData(JobStatus.Completed, JobStatus.Failed, JobStatus.Completed)]
    [InlineData(JobStatus.Failed, JobStatus.Completed, JobStatus.Failed)]
    public void A_job_moves_forward_only(JobStatus current, JobStatus proposed, JobStatus result) =>
        Assert.Equal(result, Apply(Job(current), job => job with { Status = proposed }).Status);

    [Fact]
    public void An_end_is_stamped_and_nothing_else_is()
    {
        Assert.Equal(Now, Apply(Job(JobStatus.Running), job => job with { Status = JobStatus.Completed }).CompletedAt);
        var running = Apply(Job(JobStatus.Queued), job => job with { Status = JobStatus.Running });
        Assert.Null(running.CompletedAt);
        Assert.Equal(Now, running.UpdatedAt);
    }

    [Fact]
    public void A_late_worker_changes_nothing_of_a_cancelled_job()
    {
        var cancelled = Job(JobStatus.Cancelled);
        Assert.Same(cancelled, Apply(cancelled, job => job with { Rendered = "late", Phase = "done", ErrorCode = null }));
    }

    [Fact]
    public void Only_the_collection_of_a_finished_job_is_taken_over_and_only_the_first()
    {
        var done = Job(JobStatus.Completed);
        var collected = Apply(done, job => job with { CollectedAt = Now, Rendered = "other" });
        Assert.Equal(done with { CollectedAt = Now, UpdatedAt = Now }, collected);
        Assert.Same(collected, Apply(collected, job => job with { CollectedAt = Now.AddDays(1) }));
        Assert.Null(Apply(collected, job => job with { CollectedAt = null }).CollectedAt); // It was on its way and did not arrive.
    }

    [Fact]
    public void A_lost_workers_job_may_be_completed_by_recovery_once()
    {
        var recovered = Apply(Lost, job => job with { Status = JobStatus.Completed, ErrorCode = null, Rendered = "found" });
        Assert.Equal((JobStatus.Completed, "found", Now), (recovered.Status, recovered.Rendered, recovered.RecoveryTriedAt!.Value));
        Assert.Same(recovered, Apply(recovered, job => job with { Status = JobStatus.Failed, ErrorCode = JobErrorCodes.WorkerLost }));
    }

    [Fact]
    public void A_recovery_that_found_nothing_is_recorded_and_was_the_one_time()
    {
        var tried = Apply(Lost, job => job with { RecoveryTriedAt = Now, RecoveryNotes = ["No turn was found."] });
        Assert.Equal(JobStatus.Failed, tried.Status);
        Assert.Equal(["No turn was found."], tried.RecoveryNotes);
        Assert.Same(tried, Apply(tried, job => job with { Status = JobStatus.Completed }));
    }

    [Theory]
    [InlineData(JobStatus.Running)]
    [InlineData(JobStatus.Cancelled)]
    public void Recovery_cannot_bring_a_job_back_to_life(JobStatus proposed) =>
        Assert.Same(Lost, Apply(Lost, job => job with { Status = proposed }));

    [Fact]
    public void Another_failure_stays_a_failure()
    {
        var failed = Job(JobStatus.Failed) with { ErrorCode = "connection-lost" };
        Assert.Same(failed, Apply(failed, job => job with { Status = JobStatus.Completed, ErrorCode = JobErrorCodes.WorkerLost }));
    }

    private static JobRecord Job(JobStatus status) => new() { Id = "task-1", Status = status };

    private static JobRecord Apply(JobRecord current, Func<JobRecord, JobRecord> change) => JobTransitions.Apply(current, change(current), Now);
}
