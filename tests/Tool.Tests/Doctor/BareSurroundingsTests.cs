using System.Runtime.Versioning;
using System.Text.Json;
using CodexCompanion.Tool.Doctor;
using CodexCompanion.Tool.Tests.Jobs;
using Xunit;

namespace CodexCompanion.Tool.Tests.Doctor;

/// <summary>Doctor where hardly anything is there that a program takes for granted.</summary>
[SupportedOSPlatform("linux")]
public sealed class BareSurroundingsTests : IDisposable
{
    private readonly JobProcessBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [LinuxFact]
    public async Task With_no_variable_but_the_one_that_names_the_state_only_codex_is_missing()
    {
        await DamageAsync();
        var state = $"CODEX_COMPANION_STATE_DIR={_bench.Tool.StateRootPath}";
        string[] runtime = Environment.GetEnvironmentVariable("DOTNET_ROOT") is { } root ? [$"DOTNET_ROOT={root}"] : [];
        _bench.Through = ["env", "-i", state, "PATH=", $"TMPDIR={_bench.Tool.Root}", .. runtime];
        var end = await DoctorAsync();
        Assert.Equal(("repaired", "problem", 1), (end.StatusOf("jobs-index"), end.StatusOf("codex-install"), end.ExitCode));
        NothingCrashed(end);
    }

    [LinuxFact]
    public async Task Without_a_home_it_says_what_to_do_and_looks_at_the_rest()
    {
        _bench.Through = ["env", "-u", "CODEX_COMPANION_STATE_DIR", "-u", "XDG_STATE_HOME", "HOME=relative"];
        var end = await DoctorAsync();
        Assert.Equal(("problem", "skipped", "ok", 1), (end.StatusOf("state-directory"), end.StatusOf("jobs-index"), end.StatusOf("codex-install"), end.ExitCode));
        Assert.Contains("HOME", end.MessageOf("state-directory"), StringComparison.Ordinal);
        NothingCrashed(end);
        foreach (var option in (string[])["--undo", "--import-legacy"])
        {
            var refused = await _bench.RunAsync("doctor", option);
            Assert.True(refused.ExitCode != 0 && refused.Error.StartsWith("error: No home directory was found", StringComparison.Ordinal), refused.Error);
        }

        Assert.Equal(0, (await _bench.RunAsync("doctor", "--bundle", Path.Combine(_bench.Tool.Root, "bundle.zip"))).ExitCode);
    }

    [LinuxTheory]
    [InlineData("PWD=$gone; export PWD", "repaired")]
    [InlineData("unset PWD", "skipped")]
    public async Task Started_from_a_directory_that_was_deleted_it_looks_at_what_it_can(string pwd, string status)
    {
        await DamageAsync();
        var script = $"gone=$PWD/gone; mkdir \"$gone\"; cd \"$gone\"; rmdir \"$gone\"; {pwd}; exec \"$@\"";
        _bench.Through = ["sh", "-c", script, "sh"];
        var end = await DoctorAsync();
        Assert.Equal((status, 0), (end.StatusOf("jobs-index"), end.ExitCode));
        NothingCrashed(end);
    }

    private async Task DamageAsync()
    {
        Assert.Equal(0, (await _bench.RunAsync("task", "sim: reply hello")).ExitCode);
        await File.WriteAllTextAsync(_bench.Store.Paths.IndexFile, "{");
    }

    private static void NothingCrashed(DoctorEnd end) =>
        Assert.DoesNotContain(end.Checks, check => check.GetProperty("status").GetString() is "crashed" or "failed");

    private async Task<DoctorEnd> DoctorAsync()
    {
        // What other tests do to processes of this machine is none of this one's.
        string[] checks =
        [
            .. CheckCatalog.Create().Where(check => check.Id is not ("orphan-processes" or "stale-sockets" or "legacy-state"))
                .SelectMany(check => (string[])["--check", check.Id]),
        ];
        var run = await _bench.RunAsync(["doctor", "--json", .. checks]);
        Assert.True(run.Error.Length == 0, run.Error);
        using var json = JsonDocument.Parse(run.Out);
        return new DoctorEnd(run.ExitCode, json.RootElement.Clone());
    }
}
