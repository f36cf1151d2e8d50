using System.Text;
using CodexCompanion.Pipeline.Tests.Broker.Shared;
using CodexCompanion.Pipeline.Tests.Processes;
using CodexCompanion.Pipeline.Tests.Support;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Broker;

/// <summary>What a client costs that stopped reading while its thread goes on speaking.</summary>
[Collection("alone")] // What other tests hold at the same time would count as well.
public sealed class SlowReaderTests : IAsyncLifetime
{
    private const int EventBytes = 50 * 1024;
    private const int Megabyte = 1024 * 1024;

    private readonly SharedBroker _broker = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Theory]
    [InlineData("item/completed", true)]
    [InlineData("item/agentMessage/delta", false)]
    public async Task Two_hundred_megabytes_for_a_client_that_stopped_reading_cost_less_than_32_and_delay_nobody(string method, bool isHungUpOn)
    {
        var stopped = new DuplexPipe();
        var serving = _broker.ServeAsync(stopped);
        await SayAsync(stopped, """{"id":1,"method":"broker/hello","params":{"cookie":"c","protocol":1,"jobId":"stopped"}}""");
        await SayAsync(stopped, """{"id":2,"method":"thread/start","params":{}}""");
        await Wait.UntilAsync(() => _broker.Board.Threads.Where(_ => true).Count == 1, "its thread is started");
        var thread = Assert.Single(_broker.Board.Threads.Where(_ => true)).Id;
        await SayAsync(stopped, $$$"""{"id":3,"method":"turn/start","params":{"threadId":"{{{thread}}}"}}""");
        await Wait.UntilAsync(() => _broker.Server.Turns.ContainsKey(thread), "its turn runs");
        var other = await _broker.ConnectAsync("other");
        var others = await other.StartThreadAsync();
        await other.StartTurnAsync(others);

        var before = GC.GetTotalMemory(forceFullCollection: true);
        var text = "\"text\":\"" + new string('x', EventBytes) + "\"";
        long peak = 0;
        for (long sent = 0; sent < 200L * Megabyte; sent += EventBytes)
        {
            // The server writes no faster than the broker reads: what piles up piles up in the broker.
            _broker.Server.Say(thread, method, text);
            if (sent % (5 * Megabyte) < EventBytes)
            {
                await other.ResultAsync("echo");
                peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: true) - before);
            }
        }

        _broker.Server.EndTurn(others);
        await other.HeardAsync("turn/completed");
        Assert.True(peak < 32L * Megabyte, $"It cost {peak / Megabyte} MiB.");
        if (isHungUpOn)
        {
            await serving.WaitAsync(Wait.Limit);
            await Wait.UntilAsync(() => _broker.Server.Turns.Count == 0, "its turn is stopped");
        }
        else
        {
            var client = Assert.Single(_broker.Board.Clients.All, c => c.Hello?.JobId == "stopped");
            Assert.InRange(client.DroppedDeltas, 3000, 5000);
            Assert.InRange(client.QueuedBytes, 0, Megabyte);
        }

        await stopped.There.DisposeAsync();
    }

    private static async Task SayAsync(DuplexPipe pipe, string line) => await pipe.There.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"));
}
