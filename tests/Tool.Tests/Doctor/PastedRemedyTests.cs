using System.Runtime.Versioning;
using System.Text.Json;
using CodexCompanion.TestProcesses;
using CodexCompanion.Tool.Tests.Jobs;
using Xunit;

namespace CodexCompanion.Tool.Tests.Doctor;

/// <summary>Commands that doctor tells are really pasted into a shell, where every path has blanks, quotes and what a shell would run.</summary>
[SupportedOSPlatform("linux")]
public sealed class PastedRemedyTests : IDisposable
{
    private const string Nasty = "it's \"all\" $(touch pwned) `touch pwned` 日本語; touch pwned";

    private readonly JobProcessBench _bench = new();

    public PastedRemedyTests()
    {
        _bench.Tool.Variables["CODEX_COMPANION_STATE_DIR"] = StateRoot;
        RepositoryRoot.Make(Work);
    }

    private string StateRoot => Path.Combine(_bench.Tool.Root, "state of " + Nasty);

    private string Work => Path.Combine(_bench.Tool.Root, "work of " + Nasty);

    public void Dispose() => _bench.Dispose();

    [LinuxTheory]
    [InlineData("settings", "a pipe for the project's settings", "mv ")]
    [InlineData("settings", "a typing error in the project's settings", "${EDITOR:-vi} ")]
    [InlineData("state-directory", "a file for the journals", "mv ")]
    [InlineData("state-directory", "a file for the workspace's state", "mv ")]
    [InlineData("state-directory", "a link for the root", "export ")]
    public async Task Pasted_it_does_what_it_says_and_the_check_is_content(string check, string damage, string begin)
    {
        Assert.Equal(0, (await _bench.RunAsync("task", "--cwd", Work, "sim: reply hello")).ExitCode);
        Damage(damage);
        var seen = await DoctorAsync(check);
        var command = Assert.Single(seen.CommandsOf(check));
        Assert.StartsWith(begin, command, StringComparison.Ordinal);

        var editor = Path.Combine(_bench.Tool.Root, "editor");
        await File.WriteAllTextAsync(editor, "#!/bin/sh\n[ $# = 1 ] && echo '{}' >\"$1\"\n");
        File.SetUnixFileMode(editor, (UnixFileMode)0b111_000_000);
        _bench.Extra["EDITOR"] = editor;
        _bench.Through = ["sh", "-c", $"cd ..; {command}\nexec \"$@\"", "sh"];
        var after = await DoctorAsync(check);
        Assert.True(after.StatusOf(check) is "ok", $"{command}: {after.Json}");
        Assert.DoesNotContain(Directory.GetFileSystemEntries(_bench.Tool.Root), path => Path.GetFileName(path) == "pwned");
    }

    private void Damage(string what)
    {
        var settings = Path.Combine(Work, ".codex-companion.json");
        switch (what)
        {
            case "a pipe for the project's settings":
                using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", [settings]))
                    mkfifo.WaitForExit();
                break;
            case "a typing error in the project's settings":
                File.WriteAllText(settings, "{");
                break;
            case "a file for the journals":
                File.WriteAllText(Path.Combine(StateRoot, "doctor"), "");
                break;
            case "a file for the workspace's state":
                var folder = Directory.GetDirectories(StateRoot, "work*").Single();
                Directory.Move(folder, Path.Combine(_bench.Tool.Root, "moved"));
                File.WriteAllText(folder, "");
                break;
            case "a link for the root":
                Directory.Move(StateRoot, Path.Combine(_bench.Tool.Root, "moved " + Nasty));
                Directory.CreateSymbolicLink(StateRoot, Path.Combine(_bench.Tool.Root, "moved " + Nasty));
                break;
            default:
                throw new ArgumentException(what, nameof(what));
        }
    }

    private async Task<DoctorEnd> DoctorAsync(string check)
    {
        var run = await _bench.RunAsync("doctor", "--json", "--dry-run", "--check", check, "--cwd", Work);
        Assert.True(run.Error.Length == 0, run.Error);
        using var json = JsonDocument.Parse(run.Out);
        return new DoctorEnd(run.ExitCode, json.RootElement.Clone());
    }
}
