using CodexCompanion.Tool.Doctor.Checks;

namespace CodexCompanion.Tool.Doctor;

/// <summary>All checks, in the order they run and are shown. A repair may rely on those above it: files must be readable to be judged.</summary>
internal static class CheckCatalog
{
    /// <summary>Makes them.</summary>
    public static IReadOnlyList<IDoctorCheck> Create()
    {
        var codex = new CodexProbe();
        var threads = new ThreadSalvage();
        return
        [
            new StateDirectoryCheck(),
            new PermissionsCheck(),
            new StuckLocksCheck(),
            new LeftoverFilesCheck(),
            new BrokerRecordCheck(),
            new ReviewFindingsCheck(),
            new StaleSocketsCheck(),
            new BrokerProcessCheck(),
            new OrphanProcessesCheck(),
            new JobFilesCheck(threads),
            new JobsIndexCheck(),
            new OrphanedJobsCheck(threads),
            new RetentionCheck(),
            new SettingsCheck(),
            new SessionEnvCheck(),
            new NodePluginCheck(),
            new LegacyStateCheck(),
            new CodexInstallCheck(codex),
            new CodexLoginCheck(codex),
            new SandboxSupportCheck(),
        ];
    }
}
