using System.Diagnostics;
using System.Text.Json;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Tests.Jobs;
using CodexCompanion.Tool.Tests.Selftest.Simulator;
using Xunit;

namespace CodexCompanion.Tool.Tests.Doctor;

/// <summary>A state with something of everything, processes that belong to it, and a codex that works.</summary>
internal sealed class AuditBench : IDisposable
{
    private readonly List<Process> _processes = [];
    private string? _subject;

    public AuditBench() => UseSimulator();

    public DoctorBench Doctor { get; } = new();

    public SimulationFolder Simulation { get; } = new();

    /// <summary>Processes that nobody may end.</summary>
    public List<Process> Bystanders { get; } = [];

    /// <summary>Jobs with logs, settings, Claude's own settings.</summary>
    public void Healthy()
    {
        Doctor.Job("task-a", JobStatus.Completed, job => job with { Summary = "kept", Rendered = "kept" });
        Doctor.Store.AppendJobLog("task-a", "Final output\nkept");
        Doctor.Store.UpdateConfig(config => config with { StopReviewGate = true });
        Plugins(theirs: false);
    }

    /// <summary>A broker that is starting and holds its locks, what it started, a job that runs, a socket somebody listens on.</summary>
    public void AtWork()
    {
        const string Instance = "111111111111";
        Doctor.Job("task-run", JobStatus.Running, job => job with { Process = DoctorBench.Self });
        Doctor.Hold(Doctor.Store.InstanceLock(Instance));
        Doctor.MuteSocket(Instance);
        Bystanders.Add(Start("sleep", ["600"], Instance));
        Bystanders.Add(Start("sleep", ["600"], Instance + ".1"));
    }

    /// <summary>Everything there is, but for the locks that whoever starts a codex takes, doctor too.</summary>
    public string Tree() => string.Join('\n', Doctor.Tree().Split('\n').Where(line => !line.StartsWith("state/locks", StringComparison.Ordinal)));

    public async Task DamageAsync(CheckAudit row) => _subject = await row.Damage(this);

    /// <summary>What the check found: the one finding, or on a machine that others use too the one that was made here.</summary>
    public JsonElement Finding(DoctorEnd end, string check, CheckAudit row)
    {
        var all = end[check].GetProperty("findings").EnumerateArray().ToList();
        var ours = _subject is null ? all : all.FindAll(finding => finding.GetProperty("subject").GetString() == _subject);
        Assert.True(ours.Count == 1, $"{row.Kind}: {end.Json}");
        return ours[0];
    }

    public void FindsNothing(DoctorEnd end, string check, CheckAudit row)
    {
        var all = end[check].GetProperty("findings").EnumerateArray().ToList();
        if (check == "orphan-processes")
            all.RemoveAll(finding => finding.GetProperty("subject").GetString() != _subject);
        Assert.True(all.Count == 0, $"{row.Kind}: {end.Json}");
        Assert.DoesNotContain(end.StatusOf(check), (string[])["crashed", "failed"]);
    }

    /// <summary>Starts what a broker that is gone has started.</summary>
    public string StartOrphan()
    {
        var mark = Guid.NewGuid().ToString("N")[..12] + ".1";
        Start("sleep", ["600"], mark);
        return mark;
    }

    /// <summary>Starts a process that holds the broker's lock and never says a word.</summary>
    public async Task<ProcessIdentity> HoldBrokerLockAsync()
    {
        var program = Path.Combine(AppContext.BaseDirectory, "companion-test-process");
        var holder = Start(program, ["hold-lock", Doctor.Paths.LockFile(StateLock.Broker)], mark: null);
        Assert.Equal("held", await holder.StandardOutput.ReadLineAsync());
        return new ProcessTable().Identify(holder.Id)!;
    }

    public void Plugins(bool theirs)
    {
        var claude = Directory.CreateDirectory(Path.Combine(Doctor.Bench.Variables["HOME"], ".claude")).FullName;
        File.WriteAllText(Path.Combine(claude, "settings.json"), "{\"enabledPlugins\":{\"codex@openai-codex\":" + (theirs ? "true" : "false") + ",\"codex@codex-companion\":true}}");
    }

    public void UseSimulator()
    {
        Doctor.Bench.Variables["PATH"] = "/usr/bin:/bin";
        Doctor.Bench.Variables["CODEX_HOME"] = Simulation.Home;
        Doctor.Bench.Variables["CODEX_COMPANION_CODEX"] = JobProcessBench.Program;
    }

    public void UseScript(string script)
    {
        var path = Path.Combine(Doctor.Temp, "codex");
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, NativeDisk.PrivateFolder);
        Doctor.Bench.Variables["CODEX_COMPANION_CODEX"] = path;
    }

    public void Dispose()
    {
        foreach (var process in _processes)
        {
            process.Kill();
            process.Dispose();
        }

        Doctor.Dispose();
        Simulation.Dispose();
    }

    private Process Start(string program, string[] arguments, string? mark)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment.Remove("CODEX_COMPANION_INSTANCE");
        if (mark is not null)
            start.Environment["CODEX_COMPANION_INSTANCE"] = mark;
        var process = Process.Start(start)!;
        _processes.Add(process);
        return process;
    }
}
