using CodexCompanion.EndToEnd.Tests.Codex;
using CodexCompanion.EndToEnd.Tests.Harness;
using CodexCompanion.EndToEnd.Tests.Model;
using Xunit.Abstractions;

namespace CodexCompanion.EndToEnd.Tests.Tool;

/// <summary>The broker, its app-server or the connection go away while a turn runs: the answer still comes, and an edit is made once.</summary>
public sealed class LostConnectionTests(ITestOutputHelper output) : ToolTests(output)
{
    // The model thinks until the fault has struck: no machine is too slow for it.
    private const string Held = "the fault";
    private const string Thinking = "stub: hold " + Held;

    public enum Victim
    {
        Broker,
        AppServer,
        Connection,
        AppServerAskedToGo,
    }

    [RealCodexTheory, BothVersionsWith(Victim.Broker, Victim.AppServer, Victim.Connection, Victim.AppServerAskedToGo)]
    public async Task A_reading_task_is_answered_all_the_same(string version, Victim victim)
    {
        await UseAsync(version);
        await using var task = await User.StartedTaskAsync("read it", "read it\n" + Thinking + "\nstub: reply \"what it says\"");

        await StrikeAsync(victim, task);
        var result = await User.TaskEndAsync(task);
        var next = await User.TaskAsync("the next one");

        Assert.Equal("what it says", result.RawOutput);
        Assert.Equal([RequestEnd.ClientLeft, RequestEnd.Answered], User.Model.Asked("read it").Select(request => request.End));
        Assert.Equal("You said: the next one", next.RawOutput);
    }

    [RealCodexTheory, BothVersionsWith(Victim.Broker, Victim.AppServer, Victim.Connection)]
    public async Task An_edit_that_was_made_before_is_not_made_again(string version, Victim victim)
    {
        await UseAsync(version);
        await using var task = await User.StartedTaskAsync("edit it", [.. User.WriteOptions, "edit it\nstub: edit once.txt the line\n" + Thinking + "\nstub: reply \"edited\""]);
        await ToolUser.WhileRunningAsync(task, () => User.Model.Asked("edit it").Any(request => request.Conversation.FinishedCalls == 1), "the edit is made");

        await StrikeAsync(victim, task);
        await EndsWithOneEditAsync(task);
    }

    [RealCodexTheory, BothVersionsWith(Victim.Broker, Victim.AppServer, Victim.Connection)]
    public async Task An_edit_that_was_not_made_yet_is_made_once(string version, Victim victim)
    {
        await UseAsync(version);
        await using var task = await User.StartedTaskAsync("edit it", [.. User.WriteOptions, "edit it\n" + Thinking + "\nstub: edit once.txt the line\nstub: reply \"edited\""]);

        await StrikeAsync(victim, task);
        await EndsWithOneEditAsync(task);
    }

    private async Task EndsWithOneEditAsync(RunningProgram task)
    {
        var result = await User.TaskEndAsync(task);

        Assert.Equal("the line\n", await File.ReadAllTextAsync(User.Home.InWorkspace("once.txt")));
        Assert.Equal("completed", User.Job(result.JobId)["status"]!.GetValue<string>());
        Assert.Equal("You said: the next one", (await User.TaskAsync("the next one")).RawOutput);
    }

    /// <summary>Strikes while the model thinks, waits until codex has hung up on it, and lets the model answer whoever asks again.</summary>
    private async Task StrikeAsync(Victim victim, RunningProgram task)
    {
        var asked = User.Model.Journal[^1];
        var broker = await User.BrokerAsync();
        switch (victim)
        {
            case Victim.Broker:
                Assert.True(Signals.Send(broker.Pid, Signal.Kill));
                break;
            case Victim.AppServer:
                Assert.True(Signals.Send(broker.AppServerPid, Signal.Kill));
                break;
            case Victim.AppServerAskedToGo:
                Assert.True(Signals.Send(broker.AppServerPid, Signal.Terminate));
                break;
            default:
                Assert.Equal(1, ConnectionCutter.Cut(task.Pid, User.Home.Root));
                Assert.True(ProcessTable.Lives(broker.Pid) && ProcessTable.Lives(broker.AppServerPid));
                break;
        }

        await ToolUser.WhileRunningAsync(task, () => asked.End != RequestEnd.Open, "codex has hung up on the model");
        Assert.Equal(RequestEnd.ClientLeft, asked.End);
        User.Model.LetGo(Held);
    }
}
