using System.Runtime.Versioning;
using System.Text;
using Xunit;

namespace CodexCompanion.Tool.Tests.Doctor;

/// <summary>Files that a later version of the program has written: told of, and kept to the byte whatever doctor is told.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class LaterVersionTests : IDisposable
{
    private readonly DoctorBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("broker.json", "broker-record")]
    [InlineData("jobs.json", "jobs-index")]
    [InlineData("findings.json", "review-findings")]
    [InlineData("config.json", "settings")]
    [InlineData("jobs/task-a.json", "job-files")]
    public async Task A_file_of_a_later_version_is_told_of_and_never_touched(string name, string check)
    {
        _bench.Job("task-a");
        _bench.Store.UpdateConfig(config => config with { StopReviewGate = true });
        _bench.Store.PublishBroker(_bench.Record("0a1b2c3d4e5f", DoctorBench.Gone));
        var path = Path.Combine(_bench.Paths.Directory, name);
        var later = Encoding.UTF8.GetBytes("{\"version\":99,\"jobs\":{\"of\":\"another shape\"},\"id\":\"task-a\"}");
        await File.WriteAllBytesAsync(path, later);
        foreach (var mode in (string[])["--dry-run", "--fix", "--force"])
        {
            var end = await _bench.DoctorAsync(mode);
            Assert.Equal("warning", end.StatusOf(check));
            Assert.Contains("later version", end.MessageOf(check), StringComparison.Ordinal);
            Assert.Equal(["dotnet tool update --global codex-companion"], end.CommandsOf(check));
            Assert.Equal(later, await File.ReadAllBytesAsync(path));
        }
    }
}
