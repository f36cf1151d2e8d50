namespace CodexCompanion.Tool.Doctor;

/// <summary>What doctor may do.</summary>
internal enum DoctorMode
{
    /// <summary>Look only.</summary>
    DryRun,

    /// <summary>Put right what is provably safe.</summary>
    Repair,

    /// <summary>Also what is risky.</summary>
    Force,
}

/// <summary>The modes' rules, in one place.</summary>
internal static class DoctorModes
{
    /// <summary>Whether doctor does what a remedy says.</summary>
    public static bool Does(this DoctorMode mode, Remedy remedy) => (mode, remedy.Kind) switch
    {
        (DoctorMode.DryRun, _) or (_, RepairKind.Manual) => false,
        (DoctorMode.Force, _) => true,
        _ => remedy.Kind == RepairKind.Safe,
    };

    /// <summary>As a word.</summary>
    public static string Word(this DoctorMode mode) => mode switch
    {
        DoctorMode.DryRun => "dry-run",
        DoctorMode.Force => "force",
        _ => "repair",
    };
}
