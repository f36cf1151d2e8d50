using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text.Json;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;
using CodexCompanion.TestProcesses;
using Xunit;

namespace CodexCompanion.Tool.Tests.Doctor.Checks;

/// <summary>What the Node runtime leaves: folders of its brokers, processes nobody can reach, jobs.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class LegacyStateCheckTests : IDisposable
{
    private readonly DoctorBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_dead_folder_of_a_node_broker_is_emptied_and_its_log_kept()
    {
        var dead = LegacyFolder("cxc-dead");
        var logged = LegacyFolder("cxc-logged");
        File.WriteAllText(Path.Combine(logged, "broker.log"), "something");
        var unasked = new DoctorEnd(0, (await _bench.Bench.RunAsync("doctor", "--dry-run", "--json")).Json);
        Assert.Equal("skipped", unasked.StatusOf("legacy-state"));
        Assert.Equal("problem", (await _bench.LookAsync("--all")).StatusOf("legacy-state"));
        Assert.Equal("repaired", (await _bench.DoctorAsync("--check", "legacy-state")).StatusOf("legacy-state"));
        Assert.False(Directory.Exists(dead));
        Assert.Equal(["broker.log"], Directory.GetFileSystemEntries(logged).Select(Path.GetFileName));
        Assert.Equal("ok", (await _bench.DoctorAsync("--all")).StatusOf("legacy-state"));
    }

    [Fact]
    public async Task A_node_broker_that_lives_is_left_alone()
    {
        var listening = LegacyFolder("cxc-listening", alive: true);
        var starting = LegacyFolder("cxc-starting");
        var script = Path.Combine(_bench.Temp, "app-server-broker.mjs");
        File.WriteAllText(script, "sleep 600");
        using var broker = Process.Start("sh", [script, "serve", "--endpoint", $"unix:{starting}/broker.sock"]);
        try
        {
            await _bench.IsLeftAloneAsync("legacy-state");
            Assert.True(Directory.Exists(listening));
            Assert.False(broker.HasExited);

            // Without its folder nobody can reach it any more.
            Directory.Delete(starting, recursive: true);
            Assert.Equal("problem", (await _bench.DoctorAsync("--check", "legacy-state")).StatusOf("legacy-state"));
            Assert.False(broker.HasExited);
            Assert.Equal("repaired", (await _bench.DoctorAsync("--force", "--check", "legacy-state")).StatusOf("legacy-state"));
            await broker.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        }
        finally
        {
            broker.Kill(entireProcessTree: true);
        }
    }

    [Fact]
    public async Task The_node_runtimes_jobs_are_imported_on_request_only()
    {
        var folder = Path.Combine(_bench.Bench.Variables["HOME"], ".claude", "plugins", "data", "codex-openai-codex", "state", Path.GetFileName(_bench.Paths.Directory), "jobs");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "task-old-1.json"), "{\"id\":\"task-old-1\",\"status\":\"completed\",\"title\":\"Codex Task\",\"rendered\":\"the result\",\"createdAt\":\"2026-01-02T03:04:05.000Z\"}");
        File.WriteAllText(Path.Combine(folder, "task-old-1.log"), "[2026-01-02T03:04:05.000Z] Starting\n");
        File.WriteAllText(Path.Combine(folder, "task-old-2.json"), "{\"id\":\"task-old-2\",\"status\":\"running\",\"pid\":1}");
        File.WriteAllText(Path.Combine(folder, "task-old-3.json"), "{");
        Directory.CreateDirectory(Path.GetDirectoryName(_bench.Paths.Root)!);
        var before = Directory.GetFiles(folder).ToDictionary(path => path, File.ReadAllText, StringComparer.Ordinal);

        var offered = await _bench.DoctorAsync("--all");
        Assert.Equal(("warning", 0), (offered.StatusOf("legacy-state"), offered.ExitCode));
        Assert.Empty(_bench.Store.ListJobs());
        var end = await _bench.Bench.RunAsync("doctor", "--import-legacy", "--json");
        Assert.Equal(["task-old-1"], end.Json.GetProperty("imported").EnumerateArray().Select(id => id.GetString()));
        Assert.Equal("the result", _bench.Store.ReadJob("task-old-1").Value!.Rendered);
        Assert.StartsWith("[2026-01-02", File.ReadAllText(_bench.Paths.JobLog("task-old-1")), StringComparison.Ordinal);
        Assert.Equal(before, Directory.GetFiles(folder).ToDictionary(path => path, File.ReadAllText, StringComparer.Ordinal));

        end = await _bench.Bench.RunAsync("doctor", "--import-legacy");
        Assert.StartsWith("0 jobs imported, 1 known already, 1 unfinished, 1 unreadable. ", end.Out, StringComparison.Ordinal);
        Assert.Equal("ok", (await _bench.DoctorAsync("--all")).StatusOf("legacy-state"));
    }

    [Fact]
    public async Task With_all_the_jobs_of_every_workspace_are_imported_once_and_a_dry_run_tells_which()
    {
        var states = Path.Combine(_bench.Bench.Variables["HOME"], ".claude", "plugins", "data", "codex-openai-codex", "state");
        var elsewhere = Workspace.Resolve(RepositoryRoot.Make(Path.Combine(_bench.Bench.Root, "elsewhere")));
        var nameless = Workspace.Resolve(RepositoryRoot.Make(Path.Combine(_bench.Bench.Root, "nameless")));
        Record(_bench.Store.Workspace, "task-here", "completed");
        Record(elsewhere, "task-there", "failed");
        Record(elsewhere, "task-busy", "running");
        Record(nameless, "task-nameless", "completed", named: false);
        var legacy = Directory.GetFiles(states, "*", SearchOption.AllDirectories).ToDictionary(path => path, File.ReadAllText, StringComparer.Ordinal);

        var offered = await _bench.LookAsync("--all", "--check", "legacy-state");
        Assert.Equal("3 finished jobs of the Node runtime could be imported into 3 workspaces", offered.MessageOf("legacy-state"));
        Assert.Equal(["codex-companion doctor --all --import-legacy"], offered.CommandsOf("legacy-state"));
        var before = _bench.Tree();
        var would = await _bench.Bench.RunAsync("doctor", "--import-legacy", "--all", "--dry-run");
        Assert.Equal(before, _bench.Tree());
        Assert.StartsWith("3 jobs would be imported, 0 known already, 1 unfinished, 0 unreadable. Nothing was changed.\n", would.Out, StringComparison.Ordinal);
        Assert.Contains($"  {Path.GetFileName(StatePaths.For(_bench.Paths.Root, elsewhere).Directory)}: task-there\n", would.Out, StringComparison.Ordinal);

        var end = await _bench.Bench.RunAsync("doctor", "--import-legacy", "--all", "--json");
        Assert.Equal(["task-here", "task-nameless", "task-there"], end.Json.GetProperty("imported").EnumerateArray().Select(id => id.GetString()).Order(StringComparer.Ordinal));
        Assert.StartsWith("0 jobs imported, 3 known already, 1 unfinished", (await _bench.Bench.RunAsync("doctor", "--import-legacy", "--all")).Out, StringComparison.Ordinal);
        Assert.Equal(legacy, Directory.GetFiles(states, "*", SearchOption.AllDirectories).ToDictionary(path => path, File.ReadAllText, StringComparer.Ordinal));

        // From anywhere by their ids, and from their own workspaces.
        Assert.StartsWith("result of task-nameless\n", (await _bench.Bench.RunAsync("result", "task-nameless")).Out, StringComparison.Ordinal);
        Assert.Contains("task-there", (await _bench.Bench.RunAsync("status", "--all", "--cwd", elsewhere.Root)).Out, StringComparison.Ordinal);
        Assert.DoesNotContain("task-busy", (await _bench.Bench.RunAsync("status", "--all", "--cwd", elsewhere.Root)).Out, StringComparison.Ordinal);
        Assert.All((await _bench.DoctorAsync("--all")).Checks, check => Assert.True(check.GetProperty("findings").GetArrayLength() == 0, check.ToString()));

        void Record(Workspace workspace, string id, string status, bool named = true)
        {
            var jobs = Directory.CreateDirectory(Path.Combine(StatePaths.For(states, workspace).Directory, "jobs")).FullName;
            var root = named ? JsonSerializer.Serialize(workspace.Root) : "null";
            File.WriteAllText(Path.Combine(jobs, id + ".json"), $$"""{"id":"{{id}}","status":"{{status}}","title":"Codex Task","workspaceRoot":{{root}},"rendered":"result of {{id}}"}""");
        }
    }

    [Fact]
    public async Task Jobs_whose_file_is_lost_are_imported_from_the_node_runtimes_index_and_their_log()
    {
        var state = Directory.CreateDirectory(Path.Combine(_bench.Temp, "codex-companion", Path.GetFileName(_bench.Paths.Directory))).FullName;
        var jobs = Directory.CreateDirectory(Path.Combine(state, "jobs")).FullName;
        File.WriteAllText(Path.Combine(state, "state.json"), """
            {"version":1,"config":{"stopReviewGate":false},"jobs":[
              {"id":"task-lost","status":"completed","title":"Codex Task","summary":"the summary","threadId":"thread-1","createdAt":"2026-01-02T03:04:05.000Z"},
              {"id":"task-torn","status":"failed","title":"Codex Task","errorMessage":"it went wrong"},
              {"id":"task-run","status":"running","pid":1},
              {"id":"../evil","status":"completed"},
              {"id":"task-cut","status":"compl
            """);
        File.WriteAllText(Path.Combine(jobs, "task-lost.log"), "[2026-01-02T03:04:05.000Z] Final output\nthe result\n");
        File.WriteAllText(Path.Combine(jobs, "task-torn.json"), "{\"id\":");

        var offered = await _bench.LookAsync("--check", "legacy-state");
        Assert.Equal("2 finished jobs of the Node runtime could be imported into this workspace", offered.MessageOf("legacy-state"));
        var end = await _bench.Bench.RunAsync("doctor", "--import-legacy", "--json");
        Assert.Equal(["task-lost", "task-torn"], end.Json.GetProperty("imported").EnumerateArray().Select(id => id.GetString()).Order());
        var lost = _bench.Store.ReadJob("task-lost").Value!;
        Assert.Equal((JobStatus.Completed, "the summary", "thread-1", "the result"), (lost.Status, lost.Summary, lost.ThreadId, lost.Rendered));
        Assert.Contains("its prompt with it; the result is what its log has of it", string.Join(' ', lost.RecoveryNotes!), StringComparison.Ordinal);
        Assert.Equal((JobStatus.Failed, "it went wrong"), (_bench.Store.ReadJob("task-torn").Value!.Status, _bench.Store.ReadJob("task-torn").Value!.ErrorMessage));
        var result = await _bench.Bench.RunAsync("result", "task-lost");
        Assert.StartsWith("the result\n", result.Out, StringComparison.Ordinal);
        Assert.Equal("ok", (await _bench.DoctorAsync("--check", "legacy-state")).StatusOf("legacy-state"));
        Assert.All((await _bench.DoctorAsync()).Checks, check => Assert.True(check.GetProperty("status").GetString() == "ok", check.ToString()));
    }

    [Fact]
    public async Task A_job_that_says_it_runs_and_whose_process_is_gone_is_imported_as_failed_and_can_be_resumed()
    {
        using var worker = Process.Start("true");
        await worker.WaitForExitAsync();
        var jobs = Directory.CreateDirectory(Path.Combine(_bench.Temp, "codex-companion", Path.GetFileName(_bench.Paths.Directory), "jobs")).FullName;
        File.WriteAllText(Path.Combine(jobs, "task-dead.json"), $$"""{"id":"task-dead","status":"running","phase":"running","title":"Codex Task","threadId":"thread-1","pid":{{worker.Id}},"updatedAt":"2026-01-02T03:04:05.000Z"}""");
        File.WriteAllText(Path.Combine(jobs, "task-live.json"), $$"""{"id":"task-live","status":"running","pid":{{Environment.ProcessId}}}""");
        File.WriteAllText(Path.Combine(jobs, "task-unknown.json"), """{"id":"task-unknown","status":"queued"}""");

        Assert.Contains("task-dead", (await _bench.Bench.RunAsync("doctor", "--import-legacy", "--dry-run")).Out, StringComparison.Ordinal);
        var end = await _bench.Bench.RunAsync("doctor", "--import-legacy");
        Assert.StartsWith("1 job imported, 0 known already, 2 unfinished, 0 unreadable.", end.Out, StringComparison.Ordinal);
        var dead = _bench.Store.ReadJob("task-dead").Value!;
        Assert.Equal((JobStatus.Failed, "failed", "worker-lost", "thread-1"), (dead.Status, dead.Phase, dead.ErrorCode, dead.ThreadId));
        Assert.Equal($"The worker died: process {worker.Id} of the Node runtime ended without recording a result.", dead.ErrorMessage);
        Assert.Equal("thread-1", (await _bench.Bench.RunAsync("task-resume-candidate", "--json")).Json.GetProperty("candidate").GetProperty("threadId").GetString());
        Assert.Equal("ok", (await _bench.LookAsync("--check", "legacy-state")).StatusOf("legacy-state"));
    }

    [LinuxFact]
    public async Task An_app_server_whose_broker_is_gone_is_ended_by_force_and_only_if_that_is_proved()
    {
        // A session's leader starts it and ends, as a killed broker does; what it is proved by is missing from the others, one thing each.
        var theirs = Path.Combine(_bench.Bench.Variables["HOME"], ".claude", "plugins", "data", "codex-openai-codex");
        var orphan = StartServer(theirs, leaderGoes: true);
        int[] others =
        [
            StartServer(theirs, leaderGoes: false), StartServer(Path.Combine(_bench.Temp, "codex-openai-codex"), leaderGoes: true),
            StartServer(theirs, leaderGoes: true, mark: "0a1b2c3d4e5f"), StartServer(theirs, leaderGoes: true, arguments: "app-server --listen"),
        ];
        try
        {
            var seen = await _bench.LookAsync("--check", "legacy-state");
            Assert.Equal(("2 processes of app-servers whose Node broker or worker is gone still run", "risky", 1), (seen.MessageOf("legacy-state"), seen.KindOf("legacy-state"), seen.ExitCode));
            Assert.Equal(["codex-companion doctor --check legacy-state --force"], seen.CommandsOf("legacy-state"));
            await _bench.DoctorAsync("--check", "legacy-state");
            Assert.True(Lives(orphan));

            var end = await _bench.DoctorAsync("--force", "--check", "legacy-state");
            Assert.Equal(("repaired", 0), (end.StatusOf("legacy-state"), end.ExitCode));
            Assert.False(Lives(orphan));
            Assert.All(others, pid => Assert.True(Lives(pid)));
            Assert.Equal("ok", (await _bench.DoctorAsync("--force", "--check", "legacy-state")).StatusOf("legacy-state"));
        }
        finally
        {
            foreach (var pid in others.Append(orphan).Where(Lives))
                Process.GetProcessById(pid).Kill(entireProcessTree: true);
        }
    }

    // Tells the PID of a process that is called as codex is. Its leader waits for it, or is gone when this returns.
    private int StartServer(string data, bool leaderGoes, string arguments = "app-server", string? mark = null)
    {
        var program = Path.Combine(_bench.Temp, "codex");
        if (!File.Exists(program))
            File.WriteAllText(program, "while :; do sleep 600; done"); // A shell reads its script as it goes: written anew, it would end.
        var start = new ProcessStartInfo("setsid", ["sh", "-c", $"sh {program} {arguments} >/dev/null 2>&1 </dev/null & echo $!; {(leaderGoes ? "" : "exec >/dev/null; wait")}"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("CODEX_COMPANION_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        start.Environment["CLAUDE_PLUGIN_DATA"] = data;
        if (mark is not null)
            start.Environment["CODEX_COMPANION_INSTANCE"] = mark;
        using var leader = Process.Start(start)!;
        var pid = int.Parse(leader.StandardOutput.ReadLine()!, System.Globalization.CultureInfo.InvariantCulture);
        if (leaderGoes)
            leader.WaitForExit();
        return pid;
    }

    private static bool Lives(int pid) => new ProcessTable().Identify(pid) is not null;

    private string LegacyFolder(string name, bool alive = false)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_bench.Temp, name)).FullName;
        File.Move(alive ? _bench.MuteSocket(name.Replace("-", "", StringComparison.Ordinal)) : _bench.DeadSocket(name.Replace("-", "", StringComparison.Ordinal)), Path.Combine(folder, "broker.sock"));
        File.WriteAllText(Path.Combine(folder, "broker.pid"), "2147483646");
        return folder;
    }
}
