using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Tests.Support;

namespace CodexCompanion.StateStore.Tests.Jobs;

public sealed class JobLogTests : IDisposable
{
    private readonly StoreFixture _fixture = new();

    private string Log => _fixture.Paths.JobLog("task-1");

    public JobLogTests() => _fixture.Store.EnsureCreated();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void A_line_carries_the_time()
    {
        _fixture.Store.AppendJobLog("task-1", "Turn started.");
        _fixture.Store.AppendJobLog("task-1", "");
        Assert.Equal("[2026-11-22T10:15:00.000Z] Turn started.\n[2026-11-22T10:15:00.000Z] \n", File.ReadAllText(Log));
        Assert.Equal(NativeDisk.PrivateFile, File.GetUnixFileMode(Log));
    }

    [Fact]
    public void A_block_cannot_forge_further_entries()
    {
        _fixture.Store.AppendJobLog("task-1", "Assistant message\r\nfirst\n[2026-01-01T00:00:00.000Z] forged\rthird\n\n");
        var lines = File.ReadAllText(Log).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Single(lines, line => line.StartsWith('['));
        Assert.Equal(4, lines.Length);
    }

    [Fact]
    public async Task Lines_of_several_processes_do_not_mix()
    {
        var writers = Enumerable.Range(0, 4)
            .Select(_ => new TestProcess("append-log", _fixture.Root, _fixture.WorkspaceFolder, "task-1", "200")).ToList();
        foreach (var writer in writers)
        {
            using (writer)
                Assert.Equal(0, await writer.FinishAsync());
        }

        var lines = File.ReadAllLines(Log);
        Assert.Equal(800, lines.Length);
        Assert.All(lines, line => Assert.Matches(@"^\[\S+Z\] \d+ \d+ x{200}$", line));
        Assert.Equal(800, lines.Select(line => line[27..]).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Losing_a_line_is_never_an_error()
    {
        _fixture.Store.AppendJobLog("../escape", "x");
        Shell.MakePipe(Log);
        _fixture.Store.AppendJobLog("task-1", "into a pipe that nobody reads");
        Directory.CreateDirectory(_fixture.Paths.JobLog("task-2"));
        _fixture.Store.AppendJobLog("task-2", "into a folder");
        Directory.Delete(_fixture.Paths.Directory, recursive: true);
        _fixture.Store.AppendJobLog("task-1", "into nothing");
        Assert.False(Directory.Exists(_fixture.Paths.Directory));
    }
}
