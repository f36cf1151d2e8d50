using System.Runtime.Versioning;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.Tool.Doctor;
using CodexCompanion.Tool.Doctor.Checks;
using Xunit;

namespace CodexCompanion.Tool.Tests.Doctor.Checks;

[UnsupportedOSPlatform("windows")]
public sealed class PermissionsCheckTests : IDisposable
{
    private const string Check = "permissions";
    private const UnixFileMode Everybody = (UnixFileMode)0b111_111_111;
    private readonly DoctorBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task What_lets_others_in_is_closed()
    {
        _bench.Job("task-a");
        _bench.DeadSocket("aaa");
        string[] opened = [_bench.Paths.Root, _bench.Paths.Directory, _bench.Paths.JobsDirectory, _bench.Paths.JobFile("task-a"), _bench.Paths.IndexFile, _bench.SocketFolder];
        foreach (var path in opened)
            File.SetUnixFileMode(path, Everybody);
        await _bench.HealsAsync(Check);
        foreach (var path in opened)
            Assert.Equal(Directory.Exists(path) ? NativeDisk.PrivateFolder : NativeDisk.PrivateFile, File.GetUnixFileMode(path));
    }

    [Fact]
    public async Task What_is_closed_to_ourselves_is_opened()
    {
        _bench.Job("task-a");
        File.SetUnixFileMode(_bench.Paths.IndexFile, UnixFileMode.None);
        File.SetUnixFileMode(_bench.Paths.JobsDirectory, UnixFileMode.UserRead);
        await _bench.HealsAsync(Check);
    }

    [Fact]
    public async Task What_others_own_is_told_of_and_not_touched()
    {
        _bench.Job("task-a");
        var site = new DoctorSite(_bench.Bench.Host(Stream.Null, Stream.Null), DoctorMode.Force, _bench.Bench.Work, [])
        {
            Disk = new ForeignDisk(_bench.Paths.IndexFile),
        };
        var finding = Assert.Single((await new PermissionsCheck().InspectAsync(new DoctorPlace(site, site.Here), CancellationToken.None)).Findings);
        Assert.Equal(RepairKind.Manual, finding.Remedy.Kind);
        Assert.StartsWith("sudo chown ", Assert.Single(finding.Remedy.Commands), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Links_are_not_followed()
    {
        _bench.Job("task-a");
        var outside = Path.Combine(_bench.Bench.Root, "outside");
        File.WriteAllText(outside, "");
        File.SetUnixFileMode(outside, Everybody);
        File.CreateSymbolicLink(Path.Combine(_bench.Paths.LogsDirectory, "link"), outside);
        await _bench.IsLeftAloneAsync(Check);
        Assert.Equal(Everybody, File.GetUnixFileMode(outside));
    }

    [Fact]
    public async Task A_healthy_state_is_left_alone()
    {
        _bench.Job("task-a");
        await _bench.IsLeftAloneAsync(Check, "state-directory");
    }

    /// <summary>The real disk, on which one path belongs to somebody else.</summary>
    private sealed class ForeignDisk(string foreign) : INativeDisk
    {
        public uint? User => NativeDisk.Instance.User;

        public FileFacts? Look(string path) =>
            NativeDisk.Instance.Look(path) is { } facts ? path == foreign ? facts with { Owner = facts.Owner + 1 } : facts : null;

        public void CreatePrivateDirectory(string path) => throw new NotSupportedException();

        public void MakePrivate(string directory) => throw new NotSupportedException();

        public Stream CreatePrivateFile(string path) => throw new NotSupportedException();

        public void FlushToDisk(Stream stream) => throw new NotSupportedException();

        public void SyncFolder(string folder) => throw new NotSupportedException();

        public Stream? OpenExclusively(string path, bool create) => throw new NotSupportedException();

        public Stream? AwaitExclusively(string path, TimeSpan limit) => throw new NotSupportedException();

        public Stream? OpenShared(string path) => throw new NotSupportedException();

        public bool KeepsOthersOut(string path, Stream own, bool shared = false) => throw new NotSupportedException();

        public void Append(string path, ReadOnlySpan<byte> bytes) => throw new NotSupportedException();
    }
}
