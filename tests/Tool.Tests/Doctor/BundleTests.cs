using System.IO.Compression;
using System.Runtime.Versioning;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Records;
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
        _bench.Job("task-b");
        File.WriteAllText(_bench.Paths.JobFile("task-b"), $"{{\"id\":\"task-b\",\"title\":\"{Canary}");

        var path = Path.Combine(_bench.Temp, "report.zip");
        var before = _bench.Tree();
        var end = await _bench.Bench.RunAsync("doctor", "--bundle", path);
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
                    Assert.Contains("Turn started (turn-1).", text, StringComparison.Ordinal);
            }
        }

        Assert.Equal(NativeDisk.PrivateFile, File.GetUnixFileMode(path));
        File.Delete(path);
        Assert.Equal(before, _bench.Tree());
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
    public void Redaction_takes_out_addresses_and_keys_and_leaves_ids(string text, string redacted) =>
        Assert.Equal(redacted, new Redaction("/home/jane", []).Of(text));
}
