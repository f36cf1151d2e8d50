using CodexCompanion.StateStore.Processes;
using CodexCompanion.Tool.Selftest;
using Xunit;

namespace CodexCompanion.Tool.Tests.Selftest;

public sealed class SandboxTests : IDisposable
{
    private readonly SelftestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Its_environment_has_nothing_of_the_callers_but_what_programs_need_to_start()
    {
        var caller = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = "/usr/bin",
            ["DOTNET_ROOT"] = "/usr/share/dotnet",
            ["HOME"] = "/home/somebody",
            ["OPENAI_API_KEY"] = "secret",
            ["CODEX_COMPANION_NO_BROKER"] = "1",
            ["CLAUDE_CODE_SESSION_ID"] = "s",
            ["XDG_RUNTIME_DIR"] = "/run/user/1",
        };
        var sandbox = new Sandbox(Path.Combine(_folder.Path, "01"), new(), SelftestFolder.Program, caller, TimeProvider.System);

        Assert.Equal("/usr/share/dotnet", sandbox.Variables["DOTNET_ROOT"]);
        Assert.Empty(sandbox.Variables.Keys.Intersect(
            ["OPENAI_API_KEY", "CODEX_COMPANION_NO_BROKER", "CLAUDE_CODE_SESSION_ID", "XDG_RUNTIME_DIR"], StringComparer.Ordinal));
        var places = sandbox.Variables.Where(v => v.Key is "HOME" or "CODEX_HOME" or "TMPDIR" or "CODEX_COMPANION_STATE_DIR" or "XDG_CONFIG_HOME").ToList();
        Assert.Equal(5, places.Count);
        Assert.All(places, place => Assert.StartsWith(_folder.Path, place.Value, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_does_not_end_by_itself_is_named_and_ended()
    {
        if (!OperatingSystem.IsLinux())
            return; // Elsewhere nothing is found by its environment.
        var sandbox = _folder.Sandbox();

        // It waits for input that never comes; the command it is asked for lives in a session of its own.
        using var server = OwnProcess.Start(sandbox, ["app-server"]);
        var identity = Assert.IsType<ProcessIdentity>(server.Identity);
        await LeftProcess.HasItsEnvironmentAsync(server);
        var ending = sandbox.Inhabitants.EndAllAsync(TimeSpan.FromMilliseconds(200));

        Assert.Contains($"(pid {identity.Pid})", Assert.Single(await ending), StringComparison.Ordinal);
        await server.Exited;
        Assert.Equal(ProcessPresence.Gone, sandbox.Processes.Look(identity));
    }

    [Fact]
    public async Task A_task_whose_time_is_over_is_killed()
    {
        var sandbox = _folder.Sandbox();
        var run = await OwnProcess.RunAsync(sandbox, ["task", "--no-broker", "sim: think 60s"], TimeSpan.FromMilliseconds(500), CancellationToken.None);
        await sandbox.Inhabitants.KillAllAsync();
        Assert.Null(run.Exit);
    }

    [Fact]
    public void The_private_folder_is_made_for_its_owner_alone_and_goes_with_everything_in_it()
    {
        var folder = PrivateFolder.Create();
        try
        {
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
            File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "a", "b")).FullName, "c"), "");
        }
        finally
        {
            Assert.Null(PrivateFolder.Remove(folder));
        }

        Assert.False(Directory.Exists(folder));
    }
}
