using System.Globalization;
using CodexCompanion.StateStore;
using CodexCompanion.Tool.Doctor.Checks;
using CodexCompanion.Tool.Doctor.Journal;

namespace CodexCompanion.Tool.Doctor;

/// <summary>
/// One run of doctor: each check looks, puts right what it may, and looks again; what it still finds is taken back. What one repair brings
/// to light for another check (a torn record for the index) is seen to in a further round, so that a second run finds nothing.
/// </summary>
/// <param name="site">Where, and what may be done.</param>
/// <param name="checks">The checks to run, in order.</param>
/// <param name="watch">Is told what is looked at.</param>
internal sealed class DoctorRun(DoctorSite site, IReadOnlyList<IDoctorCheck> checks, Action<string> watch)
{
    // A repair brings something to light for one other check, which brings up nothing more; the third round only confirms it.
    private const int MostRounds = 3;

    // A folder that was closed lets see what is closed in it: root, workspace, jobs, and a job's file.
    private const int MostDepth = 4;

    // A thousand sockets take three seconds, a broker that does not answer seven: this is for what will never end.
    private static readonly TimeSpan LookLimit = TimeSpan.FromSeconds(60);

    private const string Meanwhile = "it was put right meanwhile";

    private readonly RepairJournal _journal = new(site.Root, site.Disk, site.Host.Time);

    /// <summary>Runs. When it is told to stop it finishes the repair at hand, and what was not looked at is reported as skipped.</summary>
    public async Task<DoctorReport> RunAsync(CancellationToken stop)
    {
        var begun = site.Host.Time.GetTimestamp();

        // These start programs and wait for them: they run beside all others.
        var started = checks.Where(check => check.StartsPrograms)
            .ToDictionary(check => check, check => Task.Run(() => RunAsync(check, new DoctorPlace(site, site.Here), stop), CancellationToken.None));
        var others = checks.Where(check => !check.StartsPrograms).ToList();
        var reports = new List<CheckReport>();
        BeginReading(Workspaces()[0]);
        var ofUser = others.Where(c => c.Scope == CheckScope.User).ToList();
        var reportsOfUser = await RunAllAsync(ofUser, site.Here, stop);
        var ofWorkspaces = others.Where(c => c.Scope == CheckScope.Workspace).ToList();
        var workspaces = Workspaces();
        for (var i = 0; i < workspaces.Count; i++)
        {
            var workspace = workspaces[i];
            if (i + 1 < workspaces.Count)
                BeginReading(workspaces[i + 1]);
            reports.AddRange(await RunAllAsync(ofWorkspaces, workspace, stop));
            workspace?.Forget();
        }

        // A broker that was ended leaves a socket.
        if (reports.Exists(HasDone) && !stop.IsCancellationRequested)
            await LookAgainAsync(ofUser, reportsOfUser, new DoctorPlace(site, site.Here), stop);
        reports.AddRange(reportsOfUser);
        foreach (var (_, task) in started)
            reports.Add(await task);
        return new DoctorReport(site, InOrder(reports), _journal.WasUsed ? _journal.FilePath : null, site.Host.Time.GetElapsedTime(begun));
    }

    // Without a workspace its checks are still listed, each with the reason why it did not look.
    private IReadOnlyList<WorkspaceSite?> Workspaces()
    {
        if (site.Everywhere && site.Workspaces.Count > 0)
            return site.Workspaces;
        return [site.Here];
    }

    private void BeginReading(WorkspaceSite? workspace)
    {
        if (checks.Any(check => check.Category == CheckCategory.Jobs))
            workspace?.BeginReadingJobs();
    }

    private List<CheckReport> InOrder(List<CheckReport> reports)
    {
        var order = checks.Select((check, index) => (check, index)).ToDictionary(pair => pair.check, pair => pair.index);
        var workspaces = site.Everywhere
            ? site.Workspaces.Select((workspace, index) => (workspace, index)).ToDictionary(pair => pair.workspace, pair => pair.index)
            : [];
        return
        [
            .. reports
                .OrderBy(report => report.Workspace is { } at && site.Everywhere ? workspaces[at] : -1)
                .ThenBy(report => order[report.Check]),
        ];
    }

    private async Task<List<CheckReport>> RunAllAsync(List<IDoctorCheck> some, WorkspaceSite? workspace, CancellationToken stop)
    {
        var place = new DoctorPlace(site, workspace);
        var reports = new List<CheckReport>();
        foreach (var check in some)
        {
            // One remedy for one trouble: what cannot be entered is not complained of by ten checks.
            reports.Add(check.NeedsState && reports.Exists(IsClosed)
                ? new CheckReport { Check = check, Workspace = workspace, Status = CheckStatus.Skipped, Message = "the state directory cannot be used" }
                : await RunAsync(check, place, stop));
        }

        for (var round = 2; round <= MostRounds && reports.Exists(HasDone) && !stop.IsCancellationRequested; round++)
        {
            if (!await LookAgainAsync(some, reports, place, stop))
                break;
        }

        return reports;
    }

    /// <returns>Whether anything was put right.</returns>
    private async Task<bool> LookAgainAsync(List<IDoctorCheck> some, List<CheckReport> reports, DoctorPlace place, CancellationToken stop)
    {
        var news = false;
        for (var i = 0; i < reports.Count; i++)
        {
            if (reports[i].Status is not (CheckStatus.Ok or CheckStatus.Repaired))
                continue;
            var again = await RunAsync(some[i], place, stop);
            if (again.Findings.Count == 0 && again.Status == CheckStatus.Ok)
                continue;
            news |= HasDone(again);
            reports[i] = Joined(reports[i], again);
        }

        return news;
    }

    private static bool IsClosed(CheckReport report) => report.Findings.Any(f => f.IsLeft && f.Finding.Code == StateDirectoryCheck.Closed);

    private static bool HasDone(CheckReport report) => report.Findings.Any(f => f.Done is not null);

    private static CheckReport Joined(CheckReport first, CheckReport again)
    {
        if (first.Findings.Count == 0)
            return again with { Duration = first.Duration + again.Duration };
        IReadOnlyList<FindingReport> all = [.. first.Findings, .. again.Findings];
        return again with
        {
            Findings = all,
            Status = again.Status == CheckStatus.Crashed ? CheckStatus.Crashed : CheckReport.StatusOf(all),
            Message = again.Status == CheckStatus.Crashed ? again.Message : $"{first.Message}; then {again.Message}",
            Duration = first.Duration + again.Duration,
        };
    }

    private async Task<CheckReport> RunAsync(IDoctorCheck check, DoctorPlace place, CancellationToken stop)
    {
        var begun = site.Host.Time.GetTimestamp();
        var report = await JudgeAsync(check, place, stop);
        return report with { Duration = site.Host.Time.GetElapsedTime(begun) };
    }

    private async Task<CheckReport> JudgeAsync(IDoctorCheck check, DoctorPlace place, CancellationToken stop)
    {
        var report = new CheckReport
        {
            Check = check,
            Workspace = check.Scope == CheckScope.Workspace ? place.At : null,
            Status = CheckStatus.Skipped,
            Message = "",
        };
        if (WhyNot(check, place, stop) is { } reason)
            return report with { Message = reason };
        watch(place.At is { } at && site.Everywhere && check.Scope == CheckScope.Workspace ? $"{check.Id} in {at.Name}" : check.Id);
        try
        {
            var seen = await LookAsync(check, place, stop);
            if (seen.WasSkipped || seen.Findings.Count == 0)
                return report with { Status = seen.WasSkipped ? CheckStatus.Skipped : CheckStatus.Ok, Message = seen.Message, Evidence = seen.Evidence };
            var findings = await RepairAllAsync(check, place, seen.Findings, stop);
            return report with
            {
                Status = CheckReport.StatusOf(findings),
                Message = seen.Message,
                Findings = findings,
                Evidence = seen.Evidence,
            };
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return report with { Message = "interrupted" };
        }
        catch (TimeoutException)
        {
            return report with
            {
                Status = CheckStatus.Crashed,
                Message = string.Create(CultureInfo.InvariantCulture, $"it did not come to an end within {LookLimit.TotalSeconds:0} s"),
            };
        }
        catch (Exception crash)
        {
            // A check that fails is a finding by itself; the others go on.
            return report with
            {
                Status = CheckStatus.Crashed,
                Message = $"the check itself failed: {crash.GetType().Name}: {crash.Message}",
                Evidence = [.. crash.ToString().Split('\n').Select(line => line.TrimEnd())],
            };
        }
    }

    // On threads of its own: a look that never comes back (a network disk that is gone) must not keep the others from theirs.
    private async Task<Inspection> LookAsync(IDoctorCheck check, DoctorPlace place, CancellationToken stop)
    {
        var seen = await Task.Run(() => check.InspectAsync(place, stop), CancellationToken.None).WaitAsync(LookLimit, site.Host.Time, stop);
        return seen with { Findings = [.. seen.Findings.Select(WithCommand)] };
    }

    private Finding WithCommand(Finding finding) => finding.Remedy is { Kind: RepairKind.Risky, Commands: [] } risky
        ? finding with { Remedy = risky with { Commands = [site.Again("--force")] } }
        : finding;

    private string? WhyNot(IDoctorCheck check, DoctorPlace place, CancellationToken stop) =>
        stop.IsCancellationRequested ? "interrupted"
        : check.StartsPrograms && site.Mode == DoctorMode.DryRun && !site.Named.Contains(check.Id, StringComparer.Ordinal)
            ? $"starts programs, which a dry run does not (--check {check.Id} does)"
        : check.NeedsState && place.At is null
            ? site.WhyNoRoot is null ? "the current directory is gone; name one with --cwd" : "there is no state directory"
        : null;

    private async Task<IReadOnlyList<FindingReport>> RepairAllAsync(
        IDoctorCheck check, DoctorPlace place, IReadOnlyList<Finding> findings, CancellationToken stop)
    {
        var reports = new List<FindingReport>();
        var steps = new List<IReadOnlyList<JournalStep>>();
        var news = findings;
        for (var depth = 1; news.Count > 0 && depth <= MostDepth; depth++)
        {
            await RepairEachAsync(check, place, news, reports, steps, stop);
            if (reports.TrueForAll(r => r.Done is null && r.Failure is null))
                return reports;
            place.At?.Forget();
            var again = await LookAsync(check, place, CancellationToken.None);
            for (var i = reports.Count - news.Count; i < reports.Count; i++)
                reports[i] = Confirmed(place, reports[i], steps[i], again);
            news = [.. again.Findings.Where(found => !reports.Exists(report => report.Finding.IsSameAs(found)))];
        }

        return reports;
    }

    private async Task RepairEachAsync(
        IDoctorCheck check, DoctorPlace place, IReadOnlyList<Finding> findings, List<FindingReport> reports, List<IReadOnlyList<JournalStep>> steps, CancellationToken stop)
    {
        foreach (var finding in findings)
        {
            var before = _journal.Steps.Count;
            reports.Add(site.Mode.Does(finding.Remedy) && !stop.IsCancellationRequested
                ? await RepairAsync(check, place, finding)
                : new FindingReport(finding, Done: null, Failure: null));
            steps.Add([.. _journal.Steps.Skip(before)]);
        }
    }

    private FindingReport Confirmed(DoctorPlace place, FindingReport report, IReadOnlyList<JournalStep> steps, Inspection again)
    {
        var isFound = again.Findings.Any(report.Finding.IsSameAs);
        if (report.Done is not null && isFound)
            return TakeBack(place, report, steps);
        return report.Failure is not null && !isFound
            ? report with { Done = Meanwhile, Failure = null } // Another doctor, or a task, was at it just then.
            : report;
    }

    private async Task<FindingReport> RepairAsync(IDoctorCheck check, DoctorPlace place, Finding finding)
    {
        try
        {
            return await check.RepairAsync(place, finding, _journal) switch
            {
                Repair.Done done => new FindingReport(finding, done.What, Failure: null),
                Repair.NotNeeded => new FindingReport(finding, Meanwhile, Failure: null),
                Repair.Refused refused => new FindingReport(finding, Done: null, refused.Why),
                var other => throw new InvalidOperationException($"Unknown repair {other}."),
            };
        }
        catch (Exception e) when (e is StateStoreException or IOException or UnauthorizedAccessException)
        {
            return new FindingReport(finding, Done: null, e.Message);
        }
    }

    // A repair after which the same is found has not repaired: better to leave things as they were, for somebody who knows more.
    private FindingReport TakeBack(DoctorPlace place, FindingReport report, IReadOnlyList<JournalStep> steps)
    {
        if (site.Root is not null)
        {
            var undo = new StepUndo(site.Host, site.Root, site.Disk);
            foreach (var step in steps.Reverse().Where(step => step.CanBeUndone))
                undo.Undo(step);
        }

        place.At?.Forget();
        return report with { Done = null, Failure = $"{report.Done}, and the check found the same again; it was taken back", WasUndone = true };
    }
}
