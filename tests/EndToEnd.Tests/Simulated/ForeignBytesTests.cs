using CodexCompanion.EndToEnd.Tests.Harness;

namespace CodexCompanion.EndToEnd.Tests.Simulated;

/// <summary>Arguments are bytes, and a prompt reaches Codex as it was given or not at all.</summary>
public sealed class ForeignBytesTests : IAsyncLifetime
{
    private const int Usage = 2;

    private readonly SimulatedUser _user = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _user.DisposeAsync();

    [LinuxFact]
    public async Task An_argument_in_another_encoding_is_refused_and_nothing_is_started()
    {
        var run = await InShellAsync("""exec "$0" task "$(printf 'gr\374n')" """);
        Assert.Equal((Usage, ""), (run.ExitCode, run.Output));
        Assert.Contains("error: An argument is not UTF-8 text.", run.Error, StringComparison.Ordinal);
        Assert.Empty(_user.StateFiles());

        var hook = await InShellAsync("""exec "$0" hook stop "$(printf 'gr\374n')" """);
        Assert.Equal((0, ""), (hook.ExitCode, hook.Error));
        Assert.Contains("An argument is not UTF-8 text.", hook.Output, StringComparison.Ordinal);
    }

    [LinuxFact]
    public async Task Whatever_is_UTF8_arrives_the_sign_for_damage_included_and_in_any_locale()
    {
        const string Prompt = "sim: reply \"\uFFFD grün ✓ 😀\"";
        _user.Set("LANG", "C");
        _user.Set("LC_ALL", "C");
        Assert.Equal("\uFFFD grün ✓ 😀", (await _user.TaskAsync("--no-broker", Prompt)).RawOutput);
    }

    private async Task<ProgramRun> InShellAsync(string script)
    {
        await using var shell = RunningProgram.Start("/bin/sh", ["-c", script, _user.Tool], _user.Home.Environ(_user.Tool), _user.Home.Workspace);
        return await shell.EndAsync();
    }
}
