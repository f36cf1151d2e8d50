using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CodexCompanion.Pipeline.Broker;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Doctor;
using Xunit;

namespace CodexCompanion.Tool.Tests.Doctor;

/// <summary>A state to damage and a doctor to mend it, in this process: real files, locks and sockets in a private folder.</summary>
internal sealed class DoctorBench : IDisposable
{
    private readonly List<IDisposable> _open = [];

    public DoctorBench()
    {
        Directory.CreateDirectory(Temp);
        Bench.Variables["TMPDIR"] = Temp;
        Store = Bench.Store;
    }

    public ToolBench Bench { get; } = new();

    public IStateStore Store { get; }

    public StatePaths Paths => Store.Paths;

    public string Temp => Path.Combine(Bench.Root, "tmp");

    public string SocketFolder => Path.Combine(Temp, $"codex-companion-{NativeDisk.Instance.User}");

    /// <summary>A process that is certainly gone: the machine was booted since.</summary>
    public static ProcessIdentity Gone { get; } = new(4711, "1", "00000000-0000-0000-0000-000000000000", PidNamespace: null);

    public static ProcessIdentity Self { get; } = new ProcessTable().Self;

    public JobRecord Job(string id, JobStatus status = JobStatus.Completed, Func<JobRecord, JobRecord>? change = null)
    {
        var job = new JobRecord { Id = id, Status = status, Title = "a task", WorkspaceRoot = Store.Workspace.Root };
        Store.CreateJob(change?.Invoke(job) ?? job);
        return Store.ReadJob(id).Value!;
    }

    public BrokerRecord Record(string instance, ProcessIdentity process, string? endpoint = null) => new()
    {
        InstanceId = instance,
        Endpoint = endpoint ?? Path.Combine(SocketFolder, instance + ".sock"),
        Process = process,
        StartedAt = TimeProvider.System.GetUtcNow() - TimeSpan.FromHours(1),
        Protocol = BrokerProtocol.Version,
        ToolVersion = "0.0.0",
        Fingerprint = "f",
        LogFile = Path.Combine(Paths.LogsDirectory, "broker.log"),
    };

    /// <summary>A socket of ours on which nobody listens.</summary>
    public string DeadSocket(string instance)
    {
        var path = SocketPathOf(instance);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        // Closing the listener would delete the path: what is left is what a killed broker leaves.
        File.Move(path, path + ".kept");
        socket.Close();
        File.Move(path + ".kept", path);
        return path;
    }

    /// <summary>A socket somebody listens on until the end of the test; nobody ever answers there.</summary>
    public string MuteSocket(string instance)
    {
        var path = SocketPathOf(instance);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.Listen();
        _open.Add(socket);
        return path;
    }

    /// <summary>Holds a lock until the end of the test.</summary>
    public HeldLock Hold(FileLock file)
    {
        var held = Assert.IsType<LockAttempt.Acquired>(file.TryAcquire("a test")).Lock;
        _open.Add(held);
        return held;
    }

    /// <summary>Runs doctor: with the checks that are named, else with all that look at nothing but this bench's folder.</summary>
    public async Task<DoctorEnd> DoctorAsync(params string[] options)
    {
        string[] checks = options.Contains("--check", StringComparer.Ordinal) ? [] :
        [
            .. CheckCatalog.Create()
                .Where(check => !check.StartsPrograms && check.Id is not "orphan-processes" && (check.Id is not "legacy-state" || options.Contains("--all", StringComparer.Ordinal)))
                .SelectMany(check => (string[])["--check", check.Id]),
        ];
        var end = await Bench.RunAsync(["doctor", "--json", .. options, .. checks]);
        Assert.Equal("", end.Error);
        return new DoctorEnd(end.ExitCode, end.Json);
    }

    /// <summary>A dry run, which must leave every byte, name and mode as it was.</summary>
    public async Task<DoctorEnd> LookAsync(params string[] options)
    {
        var before = Tree();
        var end = await DoctorAsync(["--dry-run", .. options]);
        Assert.Equal(before, Tree());
        return end;
    }

    /// <summary>What every check has to do: found in a dry run that changes nothing, repaired, not found again, and a normal command works.</summary>
    public async Task<DoctorEnd> HealsAsync(string check, string? options = null, int dryRunExit = 1)
    {
        string[] more = options is null ? [] : [options];
        var seen = await LookAsync();
        Assert.True(seen[check].GetProperty("findings").GetArrayLength() > 0, $"{check} found nothing: {seen.Json}");
        Assert.Equal(dryRunExit, seen.ExitCode);
        Assert.All(seen.Checks, c => Assert.NotEqual("repaired", c.GetProperty("status").GetString()));

        var end = await DoctorAsync(more);
        Assert.True(end.StatusOf(check) == "repaired", end.Json.ToString());
        Assert.Equal(0, end.ExitCode);
        var again = await DoctorAsync(more);
        Assert.All(again.Checks, c => Assert.True(c.GetProperty("findings").GetArrayLength() == 0, c.ToString()));
        Assert.Equal(0, again.ExitCode);
        await NormalCommandWorksAsync();
        Assert.Equal(0, (await LookAsync()).ExitCode);
        return end;
    }

    /// <summary>Nothing is found and not a byte is changed, whatever doctor is told.</summary>
    public async Task IsLeftAloneAsync(params string[] checks)
    {
        var before = Tree();
        foreach (var option in (string[])["--dry-run", "--fix", "--force"])
        {
            var end = await DoctorAsync([option, .. checks.SelectMany(check => (string[])["--check", check])]);
            Assert.All(end.Checks, c => Assert.True(c.GetProperty("status").GetString() is "ok", c.ToString()));
            Assert.Equal(0, end.ExitCode);
        }

        Assert.Equal(before, Tree());
    }

    public async Task NormalCommandWorksAsync()
    {
        var task = await Bench.RunAsync("task", "do something");
        Assert.True(task.ExitCode == 0, task.Error);
        Assert.DoesNotContain("could not be recorded", task.Error, StringComparison.Ordinal);
    }

    /// <summary>Everything below the bench's folder: names, kinds, modes, contents, where links lead.</summary>
    public string Tree()
    {
        var tree = new StringBuilder();
        foreach (var path in Below(Bench.Root).Order(StringComparer.Ordinal))
        {
            var facts = NativeDisk.Instance.Look(path)!;
            tree.Append(Path.GetRelativePath(Bench.Root, path)).Append(' ').Append(facts.Kind).Append(' ').Append(facts.Mode);
            if (facts.Kind == FileKind.Regular && facts.Mode?.HasFlag(UnixFileMode.UserRead) != false && !IsHeld(path))
                tree.Append(' ').Append(Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path))));
            if (facts.Kind == FileKind.Link)
                tree.Append(' ').Append(new FileInfo(path).LinkTarget);
            tree.Append('\n');
        }

        return tree.ToString();
    }

    public string[] Quarantined() => Directory.Exists(Paths.QuarantineDirectory)
        ? [.. Directory.EnumerateFileSystemEntries(Paths.QuarantineDirectory).Select(Path.GetFileName).Order(StringComparer.Ordinal)!]
        : [];

    public void Dispose()
    {
        foreach (var open in _open)
            open.Dispose();
        Bench.Dispose();
    }

    private static IEnumerable<string> Below(string folder)
    {
        foreach (var path in Directory.EnumerateFileSystemEntries(folder))
        {
            yield return path;
            if (NativeDisk.Instance.Look(path) is not { Kind: FileKind.Directory })
                continue;
            foreach (var below in Below(path))
                yield return below;
        }
    }

    // A lock that is held cannot be opened; it is empty anyhow.
    private static bool IsHeld(string path) => path.EndsWith(".lock", StringComparison.Ordinal);

    private string SocketPathOf(string instance)
    {
        NativeDisk.Instance.CreatePrivateDirectory(SocketFolder);
        return Path.Combine(SocketFolder, instance + ".sock");
    }
}

/// <summary>What a run of doctor said.</summary>
internal sealed record DoctorEnd(int ExitCode, JsonElement Json)
{
    public IReadOnlyList<JsonElement> Checks => [.. Json.GetProperty("checks").EnumerateArray()];

    public JsonElement this[string check] => Checks.Single(c => c.GetProperty("id").GetString() == check);

    public string StatusOf(string check) => this[check].GetProperty("status").GetString()!;

    public string MessageOf(string check) => this[check].GetProperty("message").GetString()!;

    public string? DoneOf(string check) => this[check].GetProperty("repair").GetProperty("done").GetString();

    public string KindOf(string check) => this[check].GetProperty("repair").GetProperty("kind").GetString()!;

    public string[] CommandsOf(string check) => [.. this[check].GetProperty("repair").GetProperty("commands").EnumerateArray().Select(c => c.GetString()!)];
}
