using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Tests.Processes;
using CodexCompanion.Pipeline.Tests.Support;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Broker;

public sealed class BrokerSessionTests : IAsyncLifetime
{
    private static readonly TimeLimits Limits = new() { Connect = Wait.Limit, Handshake = Wait.Limit, Call = Wait.Limit };

    private readonly ScratchFolder _folder = new();
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly FakeBroker _broker;

    public BrokerSessionTests() => _broker = new FakeBroker(_folder.Path)
    {
        Answer = _ =>
        {
            _asked.SetResult();
            _released.Task.Wait(Wait.Limit);
            return "{}";
        },
    };

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _released.TrySetResult();
        await _broker.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task It_hangs_up_when_the_thread_is_free_that_it_was_told_to_let_go()
    {
        var session = await OpenAsync();
        _ = session.ReleaseThreadAsync("t");
        await _asked.Task.WaitAsync(Wait.Limit);
        var hangingUp = session.DisposeAsync().AsTask();
        Assert.False(hangingUp.IsCompleted);
        Assert.False(session.Ended.IsCompleted);

        _released.SetResult();
        await hangingUp.WaitAsync(Wait.Limit);
        Assert.True(session.Ended.IsCompleted);
    }

    private async Task<BrokerSession> OpenAsync()
    {
        var reach = await BrokerConnection.OpenAsync(_broker.Endpoint, BrokerCaller.Visitor, Limits, new ServerRequestPolicy(TimeProvider.System));
        return new BrokerSession(Assert.IsType<BrokerReach.Answered>(reach).Connection, Limits);
    }
}
