using System.Text;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Tests.Processes;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Broker;

public sealed class EventRouterTests : IAsyncLifetime
{
    // More than a client's queue takes: one such line may wait, a second one has its client hung up on in the very call.
    private static readonly string TooMuch = new('x', 17 * 1024 * 1024);

    private readonly ScratchFolder _folder = new();
    private readonly ThreadTable _threads = new();
    private readonly AppServerSlot _slot = Slots.New();
    private readonly TestClient _owner = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _owner.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public void A_turn_is_over_when_its_owner_hears_of_it_and_whoever_waits_for_its_end_hears_of_it_after_him()
    {
        var log = new BrokerLog(_folder["broker.log"], "test", TimeProvider.System);
        var router = new EventRouter(_threads, new ClientTable(), new ServerRequestPolicy(TimeProvider.System), log);
        var entry = _threads.Claim("t", _slot, _owner.Connection)!;
        var turn = _threads.BeginTurn(entry, "job")!;
        _owner.Connection.Send(Encoding.ASCII.GetBytes(TooMuch));

        // An owner that hears of the end may begin the next turn, or let the thread go, in that moment. It is looked at from within the telling.
        (bool IsOver, bool WaitersKnow)? whenTold = null;
        using var told = _owner.Connection.Gone.Register(() => whenTold = (entry.Turn is null, turn.Ended.IsCompleted));
        router.OnNotification(_slot, Completed("t", TooMuch));

        Assert.Equal((true, false), whenTold);
        Assert.True(turn.Ended.IsCompleted);
        Assert.NotNull(_threads.BeginTurn(entry, "job"));
    }

    private static RpcMessage Completed(string thread, string padding) => RpcMessage.Parse(
        Encoding.ASCII.GetBytes($$$"""{"method":"turn/completed","params":{"threadId":"{{{thread}}}","turn":{"id":"u"},"padding":"{{{padding}}}"}}"""), out _)!;
}
