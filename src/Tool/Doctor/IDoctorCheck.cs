using CodexCompanion.Tool.Doctor.Journal;

namespace CodexCompanion.Tool.Doctor;

/// <summary>Where a check's line stands in the report.</summary>
internal enum CheckCategory
{
    /// <summary>Files and folders of the state.</summary>
    State,

    /// <summary>Sockets of brokers.</summary>
    Sockets,

    /// <summary>Processes of ours.</summary>
    Processes,

    /// <summary>Jobs, their index and their logs.</summary>
    Jobs,

    /// <summary>What is around us: settings, variables, Claude Code, what others left.</summary>
    Surroundings,

    /// <summary>Codex itself.</summary>
    Codex,
}

/// <summary>What a check is about.</summary>
internal enum CheckScope
{
    /// <summary>One workspace: it runs once for each that is looked at, and needs its state.</summary>
    Workspace,

    /// <summary>The user: it runs once, and needs no workspace and no state root.</summary>
    User,
}

/// <summary>
/// One thing that can be wrong. Looking and putting right are two calls: between them everything may have changed, so a repair looks
/// again, under the lock that keeps it true, just before it acts. A new check is a class in Checks/ and a line in
/// <see cref="CheckCatalog"/>.
/// </summary>
internal interface IDoctorCheck
{
    /// <summary>Its name, as <c>--check</c> takes it.</summary>
    string Id { get; }

    /// <summary>Where its line stands.</summary>
    CheckCategory Category { get; }

    /// <summary>What it is about.</summary>
    CheckScope Scope { get; }

    /// <summary>What it looks at, in one line.</summary>
    string About { get; }

    /// <summary>Whether it starts programs: it then runs beside the others, and in a dry run only when it is named.</summary>
    bool StartsPrograms => false;

    /// <summary>Whether it can only look where there is a state root and a directory.</summary>
    bool NeedsState => Scope == CheckScope.Workspace;

    /// <summary>Looks. Changes not one byte, signals nothing, and waits for nobody longer than a few seconds.</summary>
    Task<Inspection> InspectAsync(DoctorPlace place, CancellationToken cancellation);

    /// <summary>Puts one finding right, after looking again. Called only for findings whose remedy is doctor's to do.</summary>
    /// <param name="place">Where.</param>
    /// <param name="finding">The finding, as this check made it.</param>
    /// <param name="journal">Takes each step before it is done.</param>
    Task<Repair> RepairAsync(DoctorPlace place, Finding finding, RepairJournal journal) =>
        throw new InvalidOperationException($"{Id} has nothing that doctor could put right.");
}
