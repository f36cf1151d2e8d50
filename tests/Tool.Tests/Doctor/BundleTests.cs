using System.IO.Compression;
using System.Runtime.Versioning;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Records;
using CodexCompanion.TestProcesses;
using CodexCompanion.Tool.Doctor.Bundle;
using CodexCompanion.Tool.Rendering;
using Xunit;

namespace CodexCompanion.Tool.Tests.Doctor;

[UnsupportedOSPlatform("windows")]
public sealed class BundleTests : IDisposable
{
    private const string Canary = "CANARY";
    private readonly DoctorBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task A_bundle_holds_nothing_of_prompts_results_tokens_or_addresses()
    {
        _bench.Bench.Variables["OPENAI_API_KEY"] = Canary + "-key-in-the-environment";
        _bench.Job("task-a", JobStatus.Failed, job => job with
        {
            Title = Canary,
            Summary = Canary,
            Rendered = Canary,
            ErrorMessage = Canary,
            ErrorCode = "turn-failed",
            Request = JsonText.Element(Canary),
            Result = JsonText.Element(Canary),
            RecoveryNotes = [Canary],
            TouchedFiles = [Canary],
        });
        _bench.Store.AppendJobLog("task-a", $"Assistant message\n{Canary}\nmore {Canary}");
        _bench.Store.AppendJobLog("task-a", $"Running command: echo {Canary}");
        _bench.Store.AppendJobLog("task-a", "Turn started (turn-1).");
        File.WriteAllText(Path.Combine(_bench.Paths.LogsDirectory, "broker.log"), $"[x] token {_bench.Bench.Variables["OPENAI_API_KEY"]} somebody@{Canary}.org\n");
        File.AppendAllText(Path.Combine(_bench.Paths.LogsDirectory, "broker.log"), $"[2026-01-01T00:00:00.000Z] app-server 1 ended: codex app-server exited with code 1; its last words: {Canary} / {Canary}\n");
        _bench.Store.AppendJobLog("task-a", $"The worker died: process 4711 ended without recording a result. The last line of its log: {Canary}");
        _bench.Store.AppendJobLog("task-a", $"[Connect] failed, 3 ms: codex app-server exited with code 1; its last words: {Canary}");
        File.AppendAllText(_bench.Paths.JobLog("task-a"), $"[{Canary}] as an older runtime does not indent\n");
        var legacy = Directory.CreateDirectory(Path.Combine(_bench.Temp, "codex-companion", Path.GetFileName(_bench.Paths.Directory))).FullName;
        File.WriteAllText(Path.Combine(legacy, "state.json"), $$"""{"jobs":[{"id":"task-old","status":"completed","title":"{{Canary}}","summary":"{{Canary}}"}]}""");
        _bench.Job("task-b");
        File.WriteAllText(_bench.Paths.JobFile("task-b"), $"{{\"id\":\"task-b\",\"title\":\"{Canary}");

        var path = Path.Combine(_bench.Temp, "report.zip");
        var before = _bench.Tree();
        var end = await _bench.Bench.RunAsync("doctor", "--all", "--bundle", path);
        Assert.True(end.ExitCode == 0, end.Error);
        using (var archive = ZipFile.OpenRead(path))
        {
            Assert.Contains(archive.Entries, entry => entry.FullName == "jobs/task-a.log");
            foreach (var entry in archive.Entries)
            {
                using var reader = new StreamReader(entry.Open());
                var text = await reader.ReadToEndAsync();
                Assert.DoesNotContain(Canary, text, StringComparison.Ordinal);
                Assert.Contains("  " + entry.FullName, end.Out, StringComparison.Ordinal);
                if (entry.FullName == "jobs/task-a.log")
                    Assert.Contains("Turn started (turn-1", text, StringComparison.Ordinal);
            }
        }

        Assert.Equal(NativeDisk.PrivateFile, File.GetUnixFileMode(path));
        File.Delete(path);
        Assert.Equal(before, _bench.Tree());
    }

    [Fact]
    public async Task An_address_in_a_workspaces_name_is_left_out_of_the_name_of_its_state_too()
    {
        var folder = RepositoryRoot.Make(Path.Combine(_bench.Bench.Root, "jane.doe@example.org proj"));
        Assert.Equal(0, (await _bench.Bench.RunAsync("task", "--cwd", folder, "do something")).ExitCode);
        var path = Path.Combine(_bench.Temp, "report.zip");
        Assert.Equal(0, (await _bench.Bench.RunAsync("doctor", "--cwd", folder, "--bundle", path)).ExitCode);
        using var archive = ZipFile.OpenRead(path);
        foreach (var entry in archive.Entries)
        {
            using var reader = new StreamReader(entry.Open());
            Assert.DoesNotContain("jane", await reader.ReadToEndAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_bundle_never_overwrites_a_file()
    {
        var path = _bench.Bench.WriteFile("mine.zip", "mine");
        var end = await _bench.Bench.RunAsync("doctor", "--bundle", "mine.zip");
        Assert.Equal(2, end.ExitCode);
        Assert.Equal("mine", File.ReadAllText(path));
    }

    [Theory]
    [InlineData("write to jane.doe@example.org now", "write to [hidden] now")]
    [InlineData("key sk-proj-abcdefgh12345 end", "key [hidden] end")]
    [InlineData("Authorization: Bearer abc", "Authorization: Bearer [hidden]")]
    [InlineData("{\"t\":\"eyJhbGciOiJIUzI1NiJ9.e30.x\"}", "{\"t\":\"[hidden]\"}")]
    [InlineData("a b0b1b2b3b4b5b6b7b8b9b0b1b2b3b4b5 c", "a [hidden] c")]
    [InlineData("/home/jane/app/src task-mwzqdanz-0u09d7g 01a21fc3-c46d-72c4-b75f-65eceab595cc 20261128T012736Z", "~/app/src task-mwzqdanz-0u09d7g 01a21fc3-c46d-72c4-b75f-65eceab595cc 20261128T012736Z")]
    [InlineData("git@host is a remote", "git@host is a remote")]
    [InlineData("proxy http://jane:pw@localhost:8080/ and jane%40example.org", "proxy [hidden] and [hidden]")]
    [InlineData("Authorization: Basic amFuZTpwdw== end", "Authorization: Basic [hidden]== end")]
    [InlineData("password=hunter2 token: abc {\"api_key\":\"short\"} 12 tokens: none", "password=[hidden] token: [hidden] {\"api_key\":\"[hidden]\"} 12 tokens: none")]
    public void Redaction_takes_out_addresses_and_keys_and_leaves_ids(string text, string redacted) =>
        Assert.Equal(redacted, new Redaction(["/home/jane"], []).Of(text));

    [Theory]
    [InlineData("its last words: do \\\"this\\\" secretly\", \"next\"", true, "its last words: [hidden]\", \"next\"")]
    [InlineData("its last words: do \"this\" secretly\nnext", false, "its last words: [hidden]\nnext")]
    public void What_an_unknown_program_said_is_taken_out_up_to_the_end_of_its_string_or_line(string text, bool isJson, string redacted) =>
        Assert.Equal(redacted, new Redaction([], []).Of(text, isJson));
}
