using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Tests.AppServer;
using CodexCompanion.Pipeline.Tests.Processes;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Broker;

public sealed class AppServerSupervisorTests
{
    [LinuxFact]
    public async Task Its_end_waits_for_what_follows_the_end_of_an_app_server()
    {
        using var codex = new FakeCodex(FakeCodex.Answers);
        using var folder = new ScratchFolder();
        var log = new BrokerLog(folder["broker.log"], "test", TimeProvider.System);
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var swept = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var router = new EventRouter(
            new ThreadTable(), new ClientTable(), new ServerRequestPolicy(TimeProvider.System), log, () =>
            {
                begun.SetResult();
                return swept.Task;
            });
        var servers = new AppServerSupervisor("test", (slot, cancellation) => codex.TryStartAsync(slot, cancellation), router, log, TimeProvider.System);
        Assert.Null((await servers.GetAsync(CancellationToken.None)).Failure);

        var end = servers.DisposeAsync().AsTask();
        await begun.Task.WaitAsync(Wait.Limit);
        Assert.NotSame(end, await Task.WhenAny(end, Task.Delay(TimeSpan.FromMilliseconds(200)))); // Time enough to be wrong in.

        swept.SetResult();
        await end.WaitAsync(Wait.Limit);
    }
}
