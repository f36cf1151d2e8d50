using System.Text;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Tests.Processes;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Rpc;

public sealed class OutboundQueueTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(20);

    [Fact]
    public async Task Lines_go_out_in_their_order_each_with_an_lf()
    {
        var stream = new GatedStream();
        var queue = new OutboundQueue(stream, droppableBytes: 1 << 20, essentialBytes: 1 << 20);
        for (var n = 0; n < 1000; n++)
            Assert.True(queue.TryEnqueue(Line($"line {n}"), droppable: n % 3 == 0));
        await queue.DrainAsync(Wait.Limit);

        Assert.Equal(string.Concat(Enumerable.Range(0, 1000).Select(n => $"line {n}\n")), stream.Text);
        Assert.Equal(0, queue.QueuedBytes);
        Assert.Equal(0, queue.Dropped);
    }

    [Fact]
    public async Task Small_lines_go_out_together_and_large_ones_whole()
    {
        var stream = new GatedStream(open: false);
        await using var queue = new OutboundQueue(stream, 1 << 24, 1 << 24);
        await StopAsync(stream, queue);
        var large = new string('x', 200_000);
        for (var n = 0; n < 500; n++)
            queue.TryEnqueue(Line($"before {n}"));
        queue.TryEnqueue(Line(large));
        for (var n = 0; n < 500; n++)
            queue.TryEnqueue(Line($"after {n}"));
        stream.Open();
        await queue.DrainAsync(Wait.Limit);

        string[] expected = ["stopper", .. Enumerable.Range(0, 500).Select(n => $"before {n}"), large, .. Enumerable.Range(0, 500).Select(n => $"after {n}")];
        Assert.Equal(expected, stream.Lines);
        Assert.InRange(stream.Writes, 1, 10);
    }

    [Fact]
    public async Task A_slow_reader_loses_what_may_be_dropped_and_nothing_else()
    {
        var stream = new GatedStream(open: false);
        await using var queue = new OutboundQueue(stream, droppableBytes: 100, essentialBytes: 10_000);
        await StopAsync(stream, queue);
        for (var n = 0; n < 50; n++)
        {
            Assert.True(queue.TryEnqueue(Line($"delta {n:00}"), droppable: true));
            Assert.True(queue.TryEnqueue(Line($"item {n:00}")));
        }

        stream.Open();
        await queue.DrainAsync(Wait.Limit);

        Assert.Equal(Enumerable.Range(0, 50).Select(n => $"item {n:00}"), stream.Lines.Where(l => l.StartsWith("item", StringComparison.Ordinal)));
        var deltas = stream.Lines.Count(l => l.StartsWith("delta", StringComparison.Ordinal));
        Assert.InRange(deltas, 1, 12);
        Assert.Equal(50 - deltas, queue.Dropped);
    }

    [Fact]
    public async Task An_essential_line_that_does_not_fit_is_refused()
    {
        var stream = new GatedStream(open: false);
        await using var queue = new OutboundQueue(stream, droppableBytes: 100, essentialBytes: 1000);
        await StopAsync(stream, queue);

        var taken = 0;
        while (taken < 100 && queue.TryEnqueue(Line(new string('x', 99))))
            taken++;

        Assert.InRange(taken, 8, 10);
        Assert.InRange(queue.QueuedBytes, 800, 1000);
        Assert.Equal(0, queue.Dropped);
    }

    [Fact]
    public async Task A_reader_that_stopped_costs_no_more_than_the_bound()
    {
        var stream = new GatedStream(open: false);
        await using var queue = new OutboundQueue(stream, droppableBytes: 1000, essentialBytes: 5000);
        await StopAsync(stream, queue);
        for (var n = 0; n < 10_000; n++)
        {
            queue.TryEnqueue(Line(new string('d', 200)), droppable: true);
            queue.TryEnqueue(Line(new string('e', 200)));
        }

        Assert.InRange(queue.QueuedBytes, 4000, 5000);
        Assert.Equal(1, stream.Writes);
    }

    [Fact]
    public async Task A_line_larger_than_the_bound_still_goes_to_a_reader_that_keeps_up()
    {
        var stream = new GatedStream();
        await using var queue = new OutboundQueue(stream, droppableBytes: 100, essentialBytes: 1000);
        var large = new string('x', 300_000);

        Assert.True(queue.TryEnqueue(Line(large)));
        await queue.DrainAsync(Wait.Limit);

        Assert.Equal([large], stream.Lines);
    }

    [Fact]
    public async Task A_line_larger_than_the_bound_does_not_make_its_neighbours_too_many()
    {
        var stream = new GatedStream(open: false);
        await using var queue = new OutboundQueue(stream, droppableBytes: 100, essentialBytes: 1000);
        await StopAsync(stream, queue);
        var large = new string('x', 300_000);

        Assert.True(queue.TryEnqueue(Line("before")));
        Assert.True(queue.TryEnqueue(Line(large)));
        Assert.True(queue.TryEnqueue(Line("after")));
        stream.Open();
        await queue.DrainAsync(Wait.Limit);

        Assert.Equal(["stopper", "before", large, "after"], stream.Lines);
    }

    [Fact]
    public async Task Of_lines_larger_than_the_bound_only_one_waits_at_a_time()
    {
        var stream = new GatedStream(open: false);
        await using var queue = new OutboundQueue(stream, droppableBytes: 100, essentialBytes: 1000);
        await StopAsync(stream, queue);

        Assert.True(queue.TryEnqueue(Line(new string('x', 300_000))));
        Assert.False(queue.TryEnqueue(Line(new string('y', 300_000))));

        stream.Open();
        await Wait.UntilAsync(() => queue.QueuedBytes == 0, "the large line went out");
        Assert.True(queue.TryEnqueue(Line(new string('z', 300_000))));
    }

    [Fact]
    public async Task A_reader_that_goes_on_gets_what_follows()
    {
        var stream = new GatedStream(open: false);
        await using var queue = new OutboundQueue(stream, droppableBytes: 100, essentialBytes: 1000);
        await StopAsync(stream, queue);
        for (var n = 0; n < 20; n++)
            queue.TryEnqueue(Line(new string('x', 99)));
        stream.Open();
        await Wait.UntilAsync(() => queue.QueuedBytes == 0, "the queue ran empty");
        Assert.True(queue.TryEnqueue(Line("one more")));
        await queue.DrainAsync(Wait.Limit);

        Assert.Equal("one more", stream.Lines[^1]);
    }

    [Fact]
    public async Task Draining_writes_what_waits_and_takes_nothing_more()
    {
        var stream = new GatedStream(open: false);
        await using var queue = new OutboundQueue(stream, 1000, 1000);
        queue.TryEnqueue(Line("a"));
        var draining = queue.DrainAsync(Wait.Limit);
        queue.TryEnqueue(Line("too late"));
        stream.Open();
        await draining.WaitAsync(Wait.Limit);

        Assert.Equal(["a"], stream.Lines);
    }

    [Fact]
    public async Task Draining_ends_with_its_limit_when_nobody_reads()
    {
        var stream = new GatedStream(open: false);
        await using var queue = new OutboundQueue(stream, 1000, 1000);
        queue.TryEnqueue(Line("a"));

        await queue.DrainAsync(Short).WaitAsync(Wait.Limit);

        Assert.Equal("", stream.Text);
    }

    [Fact]
    public async Task A_stream_that_fails_is_told_of_once_and_holds_nothing_back()
    {
        var stream = new GatedStream(open: false);
        await using var queue = new OutboundQueue(stream, 1000, 1000);
        await StopAsync(stream, queue);
        queue.TryEnqueue(Line("waits"));
        stream.Break(new IOException("Broken pipe"));

        await Assert.ThrowsAsync<IOException>(() => queue.Failed.WaitAsync(Wait.Limit));
        Assert.Equal(0, queue.QueuedBytes);
        for (var n = 0; n < 100; n++)
            Assert.True(queue.TryEnqueue(Line(new string('x', 99))));
        Assert.Equal(0, queue.QueuedBytes);
    }

    [Fact]
    public async Task Lines_of_many_senders_stay_whole_and_in_each_senders_order()
    {
        var stream = new GatedStream();
        var queue = new OutboundQueue(stream, 1 << 24, 1 << 24);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(sender => Task.Run(() =>
        {
            for (var n = 0; n < 500; n++)
                queue.TryEnqueue(Line($"{sender} {n}"));
        })));
        await queue.DrainAsync(Wait.Limit);

        foreach (var sender in Enumerable.Range(0, 8))
        {
            Assert.Equal(
                Enumerable.Range(0, 500).Select(n => $"{sender} {n}"),
                stream.Lines.Where(l => l.StartsWith($"{sender} ", StringComparison.Ordinal)));
        }

        await queue.DisposeAsync();
    }

    // Puts a line on its way that cannot go out, so that what follows stays in the queue.
    private static async Task StopAsync(GatedStream stream, OutboundQueue queue)
    {
        Assert.True(queue.TryEnqueue(Line("stopper")));
        await Wait.UntilAsync(() => stream.Writes == 1, "the first line is being written");
    }

    private static ReadOnlyMemory<byte> Line(string text) => Encoding.UTF8.GetBytes(text);
}
