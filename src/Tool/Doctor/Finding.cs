namespace CodexCompanion.Tool.Doctor;

/// <summary>How much a finding matters.</summary>
internal enum Severity
{
    /// <summary>Worth knowing; nothing fails because of it.</summary>
    Warning,

    /// <summary>Something fails, is lost or is left lying about because of it.</summary>
    Problem,
}

/// <summary>Who may put a finding right.</summary>
internal enum RepairKind
{
    /// <summary>Provably harmless: doctor does it unless it is told to look only.</summary>
    Safe,

    /// <summary>Ends something or drops a setting: doctor does it with <c>--force</c>.</summary>
    Risky,

    /// <summary>Not doctor's to do: there is a command for the user.</summary>
    Manual,
}

/// <summary>What would put a finding right.</summary>
/// <param name="Kind">Who may do it.</param>
/// <param name="Planned">What it is, as a phrase: "remove 2 sockets".</param>
/// <param name="Commands">The command line to paste; none for what doctor does by itself.</param>
internal sealed record Remedy(RepairKind Kind, string Planned, IReadOnlyList<string> Commands)
{
    /// <summary>Doctor does it by itself.</summary>
    public static Remedy Safe(string planned) => new(RepairKind.Safe, planned, []);

    /// <summary>Doctor does it with <c>--force</c>; the run knows the command line.</summary>
    public static Remedy Risky(string planned) => new(RepairKind.Risky, planned, []);

    /// <summary>The user does it, with one command line to paste where there is any.</summary>
    public static Remedy Manual(string planned, string? command) => new(RepairKind.Manual, planned, command is null ? [] : [command]);
}

/// <summary>Something a check found. Code and subject together name it: after a repair there must be no such finding any more.</summary>
/// <param name="Code">Which of the things this check looks for.</param>
/// <param name="Subject">What it is about: a path, the id of a job or of an instance. Repairs look at it anew; they do not trust the finding.</param>
/// <param name="Message">One phrase for a person, without a full stop.</param>
/// <param name="Remedy">What would put it right.</param>
internal sealed record Finding(string Code, string Subject, string Message, Remedy Remedy)
{
    /// <summary>How much it matters.</summary>
    public Severity Severity { get; init; } = Severity.Problem;

    /// <summary>What was seen, a line each; shown with <c>--verbose</c> and in JSON.</summary>
    public IReadOnlyList<string> Evidence { get; init; } = [];

    /// <summary>Whether another finding is about the same thing.</summary>
    public bool IsSameAs(Finding other) => Code == other.Code && Subject == other.Subject;
}
