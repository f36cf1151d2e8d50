using System.Runtime.Versioning;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;
using Xunit;

namespace CodexCompanion.Tool.Tests.Doctor.Checks;

[UnsupportedOSPlatform("windows")]
public sealed class StateDirectoryCheckTests : IDisposable
{
    private const string Check = "state-directory";
    private readonly DoctorBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("jobs")]
    [InlineData("locks")]
    [InlineData("quarantine")]
    [InlineData("logs")]
    public async Task What_stands_in_a_folders_place_is_set_aside(string folder)
    {
        _bench.Store.EnsureCreated();
        var path = Path.Combine(_bench.Paths.Directory, folder);
        Directory.Delete(path, recursive: true);
        File.WriteAllText(path, "in the way");
        File.SetUnixFileMode(path, NativeDisk.PrivateFile);
        var end = await _bench.HealsAsync(Check);
        var undo = await _bench.Bench.RunAsync("doctor", "--undo");
        Assert.True(undo.ExitCode == 0 || folder is "locks" or "quarantine", $"{end.Json}\n{undo.Out}");
    }

    [Fact]
    public async Task A_link_in_a_folders_place_may_be_meant_so_it_needs_force()
    {
        _bench.Store.EnsureCreated();
        Directory.Delete(_bench.Paths.JobsDirectory);
        var outside = Directory.CreateDirectory(Path.Combine(_bench.Bench.Root, "outside")).FullName;
        File.WriteAllText(Path.Combine(outside, "mine"), "");
        File.CreateSymbolicLink(_bench.Paths.JobsDirectory, outside);
        var end = await _bench.DoctorAsync();
        Assert.Equal(("problem", "risky", 1), (end.StatusOf(Check), end.KindOf(Check), end.ExitCode));
        Assert.NotNull(new DirectoryInfo(_bench.Paths.JobsDirectory).LinkTarget);
        Assert.Equal("repaired", (await _bench.DoctorAsync("--force")).StatusOf(Check));
        Assert.True(File.Exists(Path.Combine(outside, "mine")));
        await _bench.NormalCommandWorksAsync();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("relative/path")]
    public async Task Without_a_place_for_the_state_everything_else_still_runs(string? root)
    {
        if (root is null)
            _bench.Bench.Variables.Remove(StateRoot.Variable);
        else
            _bench.Bench.Variables[StateRoot.Variable] = root;
        _bench.Bench.Variables["HOME"] = "";
        var end = await _bench.DoctorAsync();
        if (root is null && end.StatusOf(Check) == "ok")
            return; // The system itself knows a home.
        Assert.Equal(("problem", 1), (end.StatusOf(Check), end.ExitCode));
        Assert.Equal(["unset CODEX_COMPANION_STATE_DIR"], end.CommandsOf(Check));
        Assert.Equal("skipped", end.StatusOf("jobs-index"));
        Assert.Equal("ok", end.StatusOf("stale-sockets"));
    }

    [Fact]
    public async Task A_file_in_the_roots_place_is_told_of_with_a_command()
    {
        File.WriteAllText(_bench.Paths.Root, "");
        var end = await _bench.DoctorAsync("--force");
        Assert.Equal((1, "manual"), (end.ExitCode, end.KindOf(Check)));
        Assert.StartsWith("mv ", Assert.Single(end.CommandsOf(Check)), StringComparison.Ordinal);
        Assert.DoesNotContain(end.Checks, c => c.GetProperty("status").GetString() == "crashed");
    }

    [Fact]
    public async Task A_link_in_the_roots_place_is_told_of_with_a_command()
    {
        File.CreateSymbolicLink(_bench.Paths.Root, _bench.Temp);
        var end = await _bench.DoctorAsync("--force");
        Assert.Equal(1, end.ExitCode);
        Assert.StartsWith("export CODEX_COMPANION_STATE_DIR=", Assert.Single(end.CommandsOf(Check)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_that_was_deleted_is_no_reason_not_to_look()
    {
        _bench.Bench.CurrentDirectory = Path.Combine(_bench.Bench.Root, "gone");
        var end = await _bench.DoctorAsync();
        Assert.Equal(0, end.ExitCode);
        Assert.Equal("skipped", end.StatusOf("jobs-index"));
        _bench.Bench.Variables["PWD"] = _bench.Bench.CurrentDirectory;
        Assert.Equal("ok", (await _bench.DoctorAsync()).StatusOf("jobs-index"));
    }
}
