using System.Text;
using CodexCompanion.Pipeline.Rpc;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Rpc;

public sealed class LineReaderTests
{
    private const int Plenty = 64 * 1024 * 1024;

    [Fact]
    public async Task Lines_end_at_lf_and_at_nothing_else()
    {
        var lines = await ReadAllAsync("a\u2028b\u2029c\u0085d\ve\ff\rg\nsecond\n");

        Assert.Equal(["a\u2028b\u2029c\u0085d\ve\ff\rg", "second"], lines);
    }

    [Fact]
    public async Task A_cr_before_the_lf_belongs_to_the_line_end() =>
        Assert.Equal(["one", "two"], await ReadAllAsync("one\r\ntwo\r\n"));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public async Task Characters_cut_by_the_transport_are_whole_again(int chunk)
    {
        const string Text = "{\"text\":\"grün 漢字 🙂 \u2028\"}";

        Assert.Equal([Text, Text], await ReadAllAsync($"{Text}\n{Text}\n", chunk));
    }

    [Fact]
    public async Task Blank_lines_are_passed_over() =>
        Assert.Equal(["a", "b"], await ReadAllAsync("\n  \n\t\r\n\r\na\n\n \t \nb\n"));

    [Fact]
    public async Task White_space_around_a_message_is_kept() =>
        Assert.Equal(["  {}  "], await ReadAllAsync("  {}  \n"));

    [Fact]
    public async Task Half_a_line_at_the_end_is_dropped() =>
        Assert.Equal(["whole"], await ReadAllAsync("whole\n{\"id\":1,\"res"));

    [Fact]
    public async Task The_end_stays_the_end()
    {
        var reader = Reader("half", chunk: 2);

        Assert.Equal(LineKind.End, (await reader.ReadAsync()).Kind);
        Assert.Equal(LineKind.End, (await reader.ReadAsync()).Kind);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(100_000)]
    public async Task A_line_over_the_limit_is_passed_over_and_the_next_one_is_read(int chunk)
    {
        var reader = Reader($"first\n{new string('x', 70_000)}\nafter\n", chunk, maxLineBytes: 1000);

        Assert.Equal("first", Text(await reader.ReadAsync()));
        Assert.Equal(LineKind.TooLong, (await reader.ReadAsync()).Kind);
        Assert.Equal("after", Text(await reader.ReadAsync()));
        Assert.Equal(LineKind.End, (await reader.ReadAsync()).Kind);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    public async Task A_line_of_exactly_the_limit_is_a_line_and_one_byte_more_is_not(int chunk)
    {
        var reader = Reader("12345678\n123456789\n1234\n", chunk, maxLineBytes: 8);

        Assert.Equal("12345678", Text(await reader.ReadAsync()));
        Assert.Equal(LineKind.TooLong, (await reader.ReadAsync()).Kind);
        Assert.Equal("1234", Text(await reader.ReadAsync()));
    }

    [Fact]
    public async Task A_line_over_the_limit_never_takes_more_memory_than_the_limit()
    {
        var stream = new ChunkedStream(Encoding.UTF8.GetBytes(new string('x', 8_000_000) + "\nafter\n"), 4096);
        var reader = new LineReader(stream, maxLineBytes: 100_000);

        Assert.Equal(LineKind.TooLong, (await reader.ReadAsync()).Kind);
        Assert.Equal("after", Text(await reader.ReadAsync()));
        Assert.InRange(stream.BytesMoved, 0, 300_000);
    }

    [Fact]
    public async Task A_huge_line_in_small_chunks_is_moved_a_few_times_and_searched_once()
    {
        const int Length = 20 * 1024 * 1024;
        var bytes = new byte[Length + 1];
        bytes.AsSpan(0, Length).Fill((byte)'x');
        bytes[^1] = (byte)'\n';
        var stream = new ChunkedStream(bytes, 4096) { SpoilWhatWasSeen = true };

        var read = await new LineReader(stream, Plenty).ReadAsync();

        // A reader that searched its whole buffer anew would stop at the first byte it had seen before.
        Assert.Equal(LineKind.Line, read.Kind);
        Assert.Equal(Length, read.Line.Length);
        Assert.InRange(stream.Reads, 1, Length / 4096 + 10);
        Assert.InRange(stream.BytesMoved, 0, 2L * Length);
    }

    [Fact]
    public async Task Many_small_lines_are_hardly_moved_at_all()
    {
        var text = string.Concat(Enumerable.Range(0, 50_000).Select(n => $"{{\"n\":{n}}}\n"));
        var stream = new ChunkedStream(Encoding.UTF8.GetBytes(text), 1500);
        var reader = new LineReader(stream, Plenty);

        for (var n = 0; n < 50_000; n++)
            Assert.Equal($"{{\"n\":{n}}}", Text(await reader.ReadAsync()));
        Assert.InRange(stream.BytesMoved, 0, text.Length / 10);
    }

    [Fact]
    public async Task A_line_stays_as_it_is_while_further_ones_are_read()
    {
        var reader = Reader("first\nsecond\n", chunk: 100);
        var first = await reader.ReadAsync();
        await reader.ReadAsync();

        Assert.Equal("first", Text(first));
    }

    private static LineReader Reader(string text, int chunk, int maxLineBytes = Plenty) =>
        new(new ChunkedStream(Encoding.UTF8.GetBytes(text), chunk), maxLineBytes);

    private static async Task<List<string>> ReadAllAsync(string text, int chunk = 4096)
    {
        var reader = Reader(text, chunk);
        var lines = new List<string>();
        while (await reader.ReadAsync() is { Kind: not LineKind.End } read)
            lines.Add(Text(read));
        return lines;
    }

    private static string Text(LineRead read)
    {
        Assert.Equal(LineKind.Line, read.Kind);
        return Encoding.UTF8.GetString(read.Line.Span);
    }
}
