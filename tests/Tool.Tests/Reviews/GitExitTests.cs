using CodexCompanion.Pipeline.Processes;
using CodexCompanion.Tool.Git;
using Xunit;

namespace CodexCompanion.Tool.Tests.Reviews;

public sealed class GitExitTests
{
    [Fact]
    public async Task One_that_goes_on_though_it_was_killed_is_not_waited_for()
    {
        var kills = 0;
        var never = new TaskCompletionSource<ChildExit>();

        Assert.Null(await GitRunner.ExitAsync(never.Task, () => kills++, new HurryingTime(), CancellationToken.None));

        Assert.Equal(1, kills);
    }

    [Fact]
    public async Task One_that_ends_when_it_is_killed_tells_how()
    {
        var exit = new TaskCompletionSource<ChildExit>();

        Assert.Equal(9, (await GitRunner.ExitAsync(exit.Task, () => exit.SetResult(new ChildExit(Code: null, Signal: 9)), new HurryingTime(), CancellationToken.None))!.Signal);
    }

    /// <summary>A clock on which every wait is over at once.</summary>
    private sealed class HurryingTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}
