using CodexCompanion.StateStore;
using CodexCompanion.Tool.Doctor.Journal;

namespace CodexCompanion.Tool.Doctor.Checks;

/// <summary>
/// Whether <c>findings.json</c>, which remembers what reviews found and what was decided of it, can be read. The next review would set a damaged one
/// aside as well; until then nobody can list the findings.
/// </summary>
internal sealed class ReviewFindingsCheck : IDoctorCheck
{
    private const string Damaged = "damaged";

    /// <inheritdoc/>
    public string Id => "review-findings";

    /// <inheritdoc/>
    public CheckCategory Category => CheckCategory.State;

    /// <inheritdoc/>
    public CheckScope Scope => CheckScope.Workspace;

    /// <inheritdoc/>
    public string About => "findings.json: what reviews found can be read";

    /// <inheritdoc/>
    public Task<Inspection> InspectAsync(DoctorPlace place, CancellationToken cancellation)
    {
        var read = place.Store.ReadFindings();
        var path = place.Paths.FindingsFile;
        return Task.FromResult(read.Kind switch
        {
            StateReadKind.Missing => Inspection.Ok("none, as no review has found anything"),
            StateReadKind.Corrupt => One(new Finding(Damaged, path, read.Detail!.TrimEnd('.'), Remedy.Safe("set it aside; the next review begins a new one"))),
            StateReadKind.TooNew => One(UnreadFile.TooNew(path, read.Detail!)),
            StateReadKind.Unreadable => UnreadFile.Closed(place, path, path, read.Detail!) is { } closed ? One(closed) : UnreadFile.Skipped,
            _ => Inspection.Ok("can be read"),
        });
    }

    /// <inheritdoc/>
    public Task<Repair> RepairAsync(DoctorPlace place, Finding finding, RepairJournal journal) => Task.FromResult(
        place.Store.Repair("set findings.json aside", Repair (repairs) => place.Store.ReadFindings().Kind == StateReadKind.Corrupt
            ? new Repair.Done($"set aside as {Aside.Move(place, repairs, journal, Id, place.Paths.FindingsFile)}")
            : new Repair.NotNeeded()));

    private static Inspection One(Finding finding) => Inspection.Of("", [finding], _ => "");
}
