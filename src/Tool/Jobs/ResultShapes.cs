using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Jobs;

/// <summary>A finished job's result in the shape that <c>result</c> and <c>wait</c> print for programs.</summary>
internal static class ResultShapes
{
    /// <summary>The shape.</summary>
    public static ResultJson Of(FoundJob found, DateTimeOffset now)
    {
        var job = found.Job;
        return new ResultJson(JobJson.Of(JobView.Of(found.Store, job, now)), Stored(job));
    }

    private static StoredJobJson Stored(JobRecord job) => new(
        job.Id,
        JobView.Word(job.Status),
        job.Title,
        job.ThreadId,
        job.TurnId,
        job.ExitCode,
        job.ErrorCode,
        job.ErrorMessage,
        job.Request,
        job.Result,
        job.Rendered);
}
