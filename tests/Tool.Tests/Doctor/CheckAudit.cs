using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Jobs;
using CodexCompanion.Tool.Selftest.Simulator.Script;

namespace CodexCompanion.Tool.Tests.Doctor;

/// <summary>What the audit needs to know of one check.</summary>
/// <param name="Kind">Who puts its damage right: safe, risky, manual.</param>
/// <param name="Damage">Makes something it finds; tells the finding's subject, or null where there is no other.</param>
/// <param name="ByHand">For a manual one: what the command that is told would do.</param>
internal sealed record CheckAudit(string Kind, Func<AuditBench, Task<string?>> Damage, Func<AuditBench, Task>? ByHand = null)
{
    private const string Instance = "0a1b2c3d4e5f";

    /// <summary>Whether what it finds is but a warning.</summary>
    public bool IsWarning { get; private init; }

    /// <summary>A row for each check.</summary>
    public static IReadOnlyDictionary<string, CheckAudit> Rows { get; } = new Dictionary<string, CheckAudit>(StringComparer.Ordinal)
    {
        ["state-directory"] = Safe(b =>
        {
            Directory.Delete(b.Doctor.Paths.LogsDirectory, recursive: true);
            File.WriteAllText(b.Doctor.Paths.LogsDirectory, "in the way");
        }),
        ["permissions"] = Safe(b => Open(b.Doctor.Paths.IndexFile)),
        ["stuck-locks"] = Safe(b =>
        {
            File.Delete(b.Doctor.Paths.LockFile(StateLock.Start));
            Directory.CreateDirectory(b.Doctor.Paths.LockFile(StateLock.Start));
        }),
        ["leftover-files"] = Safe(b => File.WriteAllText(Path.Combine(b.Doctor.Paths.Directory, ".jobs.json.2147483646-0123456789ab.tmp"), "{")),
        ["broker-record"] = Safe(b => File.WriteAllText(b.Doctor.Paths.BrokerFile, "{")),
        ["review-findings"] = Safe(b => File.WriteAllText(b.Doctor.Paths.FindingsFile, "{")),
        ["stale-sockets"] = Safe(b => b.Doctor.DeadSocket(Instance)),
        ["broker-process"] = new("risky", async b =>
        {
            var broker = await b.HoldBrokerLockAsync();
            b.Doctor.Store.PublishBroker(b.Doctor.Record(Instance, broker, b.Doctor.MuteSocket(Instance)));
            return null;
        }),
        ["orphan-processes"] = new("risky", b => Task.FromResult<string?>(b.StartOrphan())),
        ["job-files"] = Safe(b => File.WriteAllText(b.Doctor.Paths.JobFile("task-a"), "{")),
        ["jobs-index"] = Safe(b => File.WriteAllText(b.Doctor.Paths.IndexFile, "{")),
        ["orphaned-jobs"] = Safe(b => b.Doctor.Job("task-o", JobStatus.Running, job => job with { Process = DoctorBench.Gone })),
        ["retention"] = Manual(
            b =>
            {
                var old = TimeProvider.System.GetUtcNow() - JobRetention.UncollectedAge - TimeSpan.FromDays(1);
                b.Doctor.Job("task-old", JobStatus.Completed, job => job with { CreatedAt = old, StartedAt = old, UpdatedAt = old, CompletedAt = old });
            },
            b => b.Doctor.Bench.RunAsync("prune"),
            isWarning: true),
        ["settings"] = new("risky", b =>
        {
            File.WriteAllText(b.Doctor.Paths.ConfigFile, "{");
            return Task.FromResult<string?>(null);
        }),
        ["session-env"] = Manual(b => b.Doctor.Bench.Variables["TMPDIR"] = "/nowhere/at/all", b => b.Doctor.Bench.Variables["TMPDIR"] = b.Doctor.Temp),
        ["node-plugin"] = Manual(b => b.Plugins(theirs: true), b => b.Plugins(theirs: false), isWarning: true),
        ["legacy-state"] = Safe(b =>
        {
            var folder = Directory.CreateDirectory(Path.Combine(b.Doctor.Temp, "cxc-dead")).FullName;
            File.Move(b.Doctor.DeadSocket(Instance), Path.Combine(folder, "broker.sock"));
        }),
        ["codex-install"] = Manual(b => b.Doctor.Bench.Variables["CODEX_COMPANION_CODEX"] = Path.Combine(b.Doctor.Temp, "none"), b => b.UseSimulator()),
        ["codex-login"] = Manual(b => b.Simulation.Use(new SimulationScript(Account: SimulatedAccount.LoggedOut)), b => b.Simulation.Use(new SimulationScript())),
        ["sandbox-support"] = Manual(b => b.UseScript("[ \"$1\" = sandbox ] || exit 9; echo 'no namespaces' >&2; exit 1"), b => b.UseSimulator(), isWarning: true),
    };

    private static CheckAudit Safe(Action<AuditBench> damage) => new("safe", b =>
    {
        damage(b);
        return Task.FromResult<string?>(null);
    });

    private static CheckAudit Manual(Action<AuditBench> damage, Action<AuditBench> byHand, bool isWarning = false) => Manual(
        damage,
        b =>
        {
            byHand(b);
            return Task.CompletedTask;
        },
        isWarning);

    private static CheckAudit Manual(Action<AuditBench> damage, Func<AuditBench, Task> byHand, bool isWarning = false) =>
        Safe(damage) with { Kind = "manual", ByHand = byHand, IsWarning = isWarning };

    private static void Open(string path)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, NativeDisk.PrivateFile | UnixFileMode.OtherRead);
    }
}
