using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using System.Text;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.Tool.Doctor.Journal;
using Xunit;

namespace CodexCompanion.Tool.Tests.Doctor;

/// <summary>
/// Files and folders of ours that belong to somebody else: told of with the command that gives them back, and touched by nobody, doctor and tasks alike.
/// Only root can make such; root could also read and write them all, so that whatever is left alone is left alone by will.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class ForeignOwnerTests : IDisposable
{
    private const uint Stranger = 54321;

    private readonly DoctorBench _bench = new();

    public static TheoryData<string, string, string> Places => new()
    {
        { "root", "state-directory", "chown -R" },
        { "workspace", "state-directory", "chown -R" },
        { "jobs folder", "permissions", "chown" },
        { "quarantine folder", "permissions", "chown" },
        { "locks folder", "permissions", "chown" },
        { "state lock", "permissions", "chown" },
        { "journals folder", "permissions", "chown" },
        { "socket folder", "permissions", "chown" },
        { "job file", "permissions", "chown" },
        { "job log", "permissions", "chown" },
        { "index", "permissions", "chown" },
        { "settings", "permissions", "chown" },
        { "broker record", "permissions", "chown" },
    };

    public void Dispose() => _bench.Dispose();

    [RootTheory]
    [MemberData(nameof(Places))]
    public async Task What_belongs_to_somebody_else_is_told_of_and_left_alone_until_it_is_given_back(string place, string check, string command)
    {
        _bench.Job("task-a");
        _bench.Store.AppendJobLog("task-a", "Final output\nthe result");
        _bench.Store.UpdateConfig(config => config with { StopReviewGate = true });
        _bench.Store.PublishBroker(_bench.Record("0a1b2c3d4e5f", DoctorBench.Gone));
        _bench.DeadSocket("0a1b2c3d4e5f");
        NativeDisk.Instance.CreatePrivateDirectory(Path.Combine(_bench.Paths.Root, RepairJournal.FolderName));
        var path = PathOf(place);
        Own(path, Stranger);
        var before = (File: Content(path), Tree: StateTree());

        var seen = await _bench.LookAsync();
        Assert.Equal(("problem", 1), (seen.StatusOf(check), seen.ExitCode));
        Assert.Contains(seen.CommandsOf(check), c => c.StartsWith($"sudo {command} 0 ", StringComparison.Ordinal) && c.EndsWith(path, StringComparison.Ordinal));

        // Everything may be done but to it.
        var end = await _bench.DoctorAsync("--force");
        Assert.DoesNotContain(end.Checks, c => c.GetProperty("status").GetString() == "crashed");
        Assert.Equal(("problem", 1), (end.StatusOf(check), end.ExitCode));
        Assert.Equal(Stranger, NativeDisk.Instance.Look(path)!.Owner);
        Assert.Equal(before.File, Content(path));
        if (place == "root")
        {
            Assert.Equal(before.Tree, StateTree());
            var refused = await _bench.Bench.RunAsync("task", "do something");
            Assert.True(refused.ExitCode != 0 && refused.Error.Contains($"user {Stranger}", StringComparison.Ordinal), refused.Error);
            Assert.Equal(before.Tree, StateTree());
        }

        Own(path, 0);
        Assert.Equal(0, (await _bench.DoctorAsync("--force")).ExitCode);
        Assert.All((await _bench.DoctorAsync()).Checks, c => Assert.True(c.GetProperty("status").GetString() == "ok", c.ToString()));
        await _bench.NormalCommandWorksAsync();
        Assert.Contains(_bench.Store.ListJobs(), job => job.Id == "task-a");
        Assert.True(_bench.Store.ReadConfig().Value!.StopReviewGate);
    }

    [RootFact]
    public async Task A_socket_of_somebody_else_in_our_folder_stays()
    {
        _bench.Job("task-a");
        var socket = _bench.DeadSocket("0a1b2c3d4e5f");
        Own(socket, Stranger);
        await _bench.IsLeftAloneAsync("stale-sockets");
        Own(socket, 0);
        await _bench.HealsAsync("stale-sockets");
    }

    [RootFact]
    public async Task A_folder_of_somebody_elses_node_broker_stays()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_bench.Temp, "cxc-foreign")).FullName;
        File.Move(_bench.DeadSocket("aaaaaaaaaaaa"), Path.Combine(folder, "broker.sock"));
        Own(folder, Stranger);
        await _bench.IsLeftAloneAsync("legacy-state");
        Own(folder, 0);
        Assert.Equal("repaired", (await _bench.DoctorAsync("--check", "legacy-state")).StatusOf("legacy-state"));
    }

    // The socket folder is another one, and may be cleaned.
    private string StateTree() => string.Join('\n', _bench.Tree().Split('\n').Where(line => line.StartsWith(Path.GetFileName(_bench.Paths.Root), StringComparison.Ordinal)));

    private string PathOf(string place) => place switch
    {
        "root" => _bench.Paths.Root,
        "workspace" => _bench.Paths.Directory,
        "jobs folder" => _bench.Paths.JobsDirectory,
        "quarantine folder" => _bench.Paths.QuarantineDirectory,
        "locks folder" => _bench.Paths.LocksDirectory,
        "state lock" => _bench.Paths.LockFile(StateStore.StateLock.State),
        "journals folder" => Path.Combine(_bench.Paths.Root, RepairJournal.FolderName),
        "socket folder" => _bench.SocketFolder,
        "job file" => _bench.Paths.JobFile("task-a"),
        "job log" => _bench.Paths.JobLog("task-a"),
        "index" => _bench.Paths.IndexFile,
        "settings" => _bench.Paths.ConfigFile,
        "broker record" => _bench.Paths.BrokerFile,
        _ => throw new ArgumentException(place, nameof(place)),
    };

    private static string Content(string path) => Directory.Exists(path)
        ? string.Join('\n', Directory.GetFileSystemEntries(path).Select(Path.GetFileName).Order(StringComparer.Ordinal))
        : Encoding.UTF8.GetString(File.ReadAllBytes(path));

    private static void Own(string path, uint user)
    {
        using var chown = Process.Start("chown", ["-h", user.ToString(CultureInfo.InvariantCulture), path]);
        chown.WaitForExit();
        Assert.Equal(0, chown.ExitCode);
    }
}

/// <summary>A test that gives files to another user, which only root can.</summary>
internal sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute() => Skip = Why;

    internal static string? Why => OperatingSystem.IsLinux() && NativeDisk.Instance.User == 0 ? null : "Only root, on Linux, can give a file to somebody else.";
}

/// <summary>The same, once for each set of data.</summary>
internal sealed class RootTheoryAttribute : TheoryAttribute
{
    public RootTheoryAttribute() => Skip = RootFactAttribute.Why;
}
