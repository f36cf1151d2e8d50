using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text.Json;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.Tool.Doctor;
using CodexCompanion.Tool.Tests.Jobs;
using Xunit;

namespace CodexCompanion.Tool.Tests.Doctor;

/// <summary>
/// Doctor and its user without any privilege, where files of theirs were taken over by root: what cannot be read is told of once, with the command that
/// gives it back, and nothing is called empty that is merely closed.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class OrdinaryUserTests : IDisposable
{
    private readonly JobProcessBench _bench = new();

    public void Dispose()
    {
        Own(_bench.Tool.Root, "0", recursive: true); // The bench looks for what is left to end, and only into files of its own user.
        _bench.Dispose();
    }

    [OrdinaryUserTheory]
    [InlineData("root")]
    [InlineData("workspace")]
    [InlineData("files")]
    public async Task What_root_has_taken_over_is_told_of_once_and_everything_works_again_when_it_is_given_back(string what)
    {
        foreach (var folder in (string[])[_bench.Tool.Root, Path.GetDirectoryName(_bench.Simulation.Home)!])
            Own(folder, OrdinaryUserTheoryAttribute.User, recursive: true);
        _bench.Through = OrdinaryUserTheoryAttribute.Through;
        Assert.Equal((0, "kept\n"), await SaidAsync("task", "sim: reply kept"));
        var workspace = _bench.Store.Paths;
        string[] taken = what switch
        {
            "root" => [workspace.Root],
            "workspace" => [workspace.Directory],
            _ => [workspace.IndexFile, .. Directory.GetFiles(workspace.JobsDirectory, "*.json"), Path.Combine(workspace.LocksDirectory, "state.lock")],
        };
        foreach (var path in taken)
            Own(path, "0");

        foreach (var mode in (string[])["--dry-run", "--force"])
        {
            var seen = await DoctorAsync(mode);
            var told = seen.Checks.Where(check => check.GetProperty("status").GetString() is not ("ok" or "skipped")).ToList();
            Assert.True(told.Count == 1 && seen.ExitCode == 1, seen.Json.ToString());
            var commands = told[0].GetProperty("repair").GetProperty("commands").EnumerateArray().Select(command => command.GetString()!).ToList();
            Assert.Equal(taken.Order(StringComparer.Ordinal), commands.Select(command => command.Split(' ')[^1]).Order(StringComparer.Ordinal));
            Assert.All(commands, command => Assert.StartsWith("sudo chown ", command, StringComparison.Ordinal));
        }

        Assert.All(taken, path => Assert.Equal(0u, NativeDisk.Instance.Look(path)!.Owner));
        var status = await _bench.RunAsync("status");
        Assert.True(status is { ExitCode: 1, Out: "" } && status.Error.Contains("Could not list the jobs", StringComparison.Ordinal), status.ToString());

        foreach (var path in taken)
            Own(path, OrdinaryUserTheoryAttribute.User);
        var healthy = await DoctorAsync("--force");
        Assert.All(healthy.Checks, check => Assert.True(check.GetProperty("status").GetString() is "ok" or "skipped", check.ToString()));
        Assert.StartsWith("kept\n", (await _bench.RunAsync("result")).Out, StringComparison.Ordinal);
        Assert.Equal((0, "more\n"), await SaidAsync("task", "sim: reply more"));
    }

    private async Task<(int ExitCode, string Out)> SaidAsync(params string[] arguments)
    {
        var end = await _bench.RunAsync(arguments);
        Assert.DoesNotContain("could not be recorded", end.Error, StringComparison.Ordinal);
        return (end.ExitCode, end.Out);
    }

    // All but those that start programs: processes and sockets of the others on this machine, which this user may not look at, are among what is looked at.
    private async Task<DoctorEnd> DoctorAsync(string mode)
    {
        string[] checks = [.. CheckCatalog.Create().Where(check => !check.StartsPrograms).SelectMany(check => (string[])["--check", check.Id])];
        var run = await _bench.RunAsync(["doctor", "--json", mode, .. checks]);
        Assert.True(run.Error.Length == 0, run.Error);
        using var json = JsonDocument.Parse(run.Out);
        return new DoctorEnd(run.ExitCode, json.RootElement.Clone());
    }

    private static void Own(string path, string user, bool recursive = false)
    {
        string[] options = recursive ? ["-R"] : [];
        using var chown = Process.Start("chown", [.. options, "-h", user, path]);
        chown.WaitForExit();
        Assert.Equal(0, chown.ExitCode);
    }
}

/// <summary>A test whose programs run as a user without privileges, which only root can start, and only where others may read what was built.</summary>
internal sealed class OrdinaryUserTheoryAttribute : TheoryAttribute
{
    /// <summary>The user; nobody has this number.</summary>
    public const string User = "54321";

    private static readonly Lazy<bool> Works = new(Try);

    public OrdinaryUserTheoryAttribute() => Skip = RootFactAttribute.Why ?? (Works.Value ? null : "The built program cannot be started as another user here.");

    /// <summary>What starts a program as that user.</summary>
    public static IReadOnlyList<string> Through { get; } = ["setpriv", $"--reuid={User}", $"--regid={User}", "--clear-groups"];

    private static bool Try()
    {
        try
        {
            var start = new ProcessStartInfo(Through[0], [.. Through.Skip(1), JobProcessBench.Program, "--version"]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
            using var version = Process.Start(start)!;
            version.WaitForExit();
            return version.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false; // There is no such program.
        }
    }
}
