using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Jobs;
using Xunit;

namespace CodexCompanion.Tool.Tests.Jobs;

/// <summary>Reading logs from the end and forward.</summary>
public sealed class JobLogTests : IDisposable
{
    private const string Id = "task-log";

    private readonly ToolBench _bench = new();

    public JobLogTests() => _bench.Store.CreateJob(new JobRecord { Id = Id });

    private string Log => _bench.Store.Paths.JobLog(Id);

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void The_last_lines_of_a_large_log_are_read_from_its_end()
    {
        // Sparse: 500 MB that take no room and would take seconds to read.
        using (var file = File.Create(Log))
            file.SetLength(500L * 1024 * 1024);
        File.AppendAllText(Log, "\n");
        foreach (var line in new[] { "one", "two\nits block\nmore of it", "three" })
            _bench.Store.AppendJobLog(Id, line);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(["two", "three"], JobLogTail.LastLines(_bench.Store, new JobRecord { Id = Id }, 2));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1024 * 1024);
    }

    [Fact]
    public void A_block_longer_than_any_window_does_not_hide_that_there_is_a_log()
    {
        _bench.Store.AppendJobLog(Id, "first");
        _bench.Store.AppendJobLog(Id, "Final output\n" + string.Join('\n', Enumerable.Repeat(new string('x', 99), 1000)));
        _bench.Store.AppendJobLog(Id, "last");
        Assert.Equal(["first", "Final output", "last"], JobLogTail.LastLines(_bench.Store, new JobRecord { Id = Id }, 4));
    }

    [Fact]
    public void Entries_are_read_forward_with_their_blocks_and_only_once()
    {
        _bench.Store.AppendJobLog(Id, "one");
        _bench.Store.AppendJobLog(Id, "Assistant message\nline\n\nlast line");
        var reader = new JobLogReader(Log, cursor: 0);
        Assert.Equal([("one", null), ("Assistant message", "line\n\nlast line")], reader.ReadNew().Select(entry => (entry.Text, entry.Body)));
        Assert.Empty(reader.ReadNew());
        _bench.Store.AppendJobLog(Id, "h\u00e9llo");
        var entry = Assert.Single(reader.ReadNew());
        Assert.Equal(("h\u00e9llo", new FileInfo(Log).Length), (entry.Text, entry.Cursor));
        Assert.NotNull(entry.Time);
    }

    [Fact]
    public void Half_a_line_is_left_for_the_next_look()
    {
        _bench.Store.AppendJobLog(Id, "one");
        File.AppendAllText(Log, "[2026-01-01T00:00:00.000Z] tw");
        var reader = new JobLogReader(Log, cursor: 0);
        Assert.Equal(["one"], reader.ReadNew().Select(entry => entry.Text));
        File.AppendAllText(Log, "o\n");
        Assert.Equal(["two"], reader.ReadNew().Select(entry => entry.Text));
    }

    [Theory]
    [InlineData(0, "")]
    [InlineData(1, "three")]
    [InlineData(2, "two,three")]
    [InlineData(9, "one,two,three")]
    public void The_last_entries_begin_where_their_lines_do(int count, string expected)
    {
        foreach (var line in new[] { "one", "two\nblock\n\nend of block", "three" })
            _bench.Store.AppendJobLog(Id, line);
        var reader = new JobLogReader(Log, JobLogTail.BeginOfLast(Log, count));
        Assert.Equal(expected, string.Join(',', reader.ReadNew().Select(entry => entry.Text)));
    }

    [Fact]
    public void No_log_is_an_empty_one()
    {
        Assert.Empty(JobLogTail.LastLines(_bench.Store, new JobRecord { Id = Id }, 4));
        Assert.Empty(JobLogTail.LastLines(_bench.Store, new JobRecord { Id = "../../etc/passwd" }, 4));
        Assert.Empty(new JobLogReader(Log, cursor: 0).ReadNew());
        Assert.Equal(0, JobLogTail.BeginOfLast(Log, 3));
    }
}
