using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Jobs;

namespace CodexCompanion.Tool.Doctor.Checks;

/// <summary>Finished jobs that are older, or more, than are kept. Doctor deletes none: what is expired is named, with the command that removes it.</summary>
internal sealed class RetentionCheck : IDoctorCheck
{
    /// <inheritdoc/>
    public string Id => "retention";

    /// <inheritdoc/>
    public CheckCategory Category => CheckCategory.Jobs;

    /// <inheritdoc/>
    public CheckScope Scope => CheckScope.Workspace;

    /// <inheritdoc/>
    public string About => "finished jobs that are older or more than are kept";

    /// <inheritdoc/>
    public Task<Inspection> InspectAsync(DoctorPlace place, CancellationToken cancellation)
    {
        var jobs = place.Workspace.Jobs.Files.Values.Select(read => read.Value).OfType<JobRecord>().ToList();
        var expired = JobRetention.Expired(jobs, place.Site.Host.Time.GetUtcNow());
        if (expired.Count == 0)
            return Task.FromResult(Inspection.Ok(jobs.Count == 0 ? "nothing to keep" : $"none of {Words.Count(jobs.Count, "job")} has expired"));
        var finding = new Finding(
            "expired", "jobs", $"{Words.Count(expired.Count, "finished job")} could go: older than kept, or more", Remedy.Manual("remove them", ReferenceEquals(place.At, place.Site.Here) ? "codex-companion prune" : "codex-companion prune --all"))
        {
            Severity = Severity.Warning,
            Evidence = [.. expired],
        };
        return Task.FromResult(Inspection.Of("", [finding], _ => ""));
    }
}
