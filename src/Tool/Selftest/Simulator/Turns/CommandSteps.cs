using CodexCompanion.Tool.Selftest.Simulator.Journal;
using CodexCompanion.Tool.Selftest.Simulator.Shapes;
using CodexCompanion.Tool.Selftest.Simulator.Threads;

namespace CodexCompanion.Tool.Selftest.Simulator.Turns;

/// <summary>The commands of a turn.</summary>
internal sealed class CommandSteps(ServerContext server, LoadedThread thread, ActiveTurn turn, TurnVoice voice, CancellationToken cut)
{
    private string Cwd => thread.History.Info.Cwd;

    /// <summary>Runs a command and waits for it; when the turn is interrupted the command lives on.</summary>
    public async Task RunAsync(string command)
    {
        var id = "call_" + server.NewId();
        var running = Start(command);
        var startedAt = voice.ItemStarted(ItemShapes.Command(server.Dialect, id, command, Cwd, "inProgress", pid: running.Pid));
        await FollowAsync(id, command, running, startedAt).WaitAsync(cut);
    }

    /// <summary>Runs a command if the client lets it.</summary>
    /// <exception cref="OperationCanceledException">The client wants the turn cancelled.</exception>
    public async Task AskAndRunAsync(string command)
    {
        var id = "call_" + server.NewId();
        var startedAt = voice.ItemStarted(ItemShapes.Command(server.Dialect, id, command, Cwd, "inProgress"));
        var decision = await new ClientQuestions(server, thread, turn, voice, cut).ApproveAsync(id, command, startedAt);
        if (decision is "accept" or "acceptForSession")
        {
            await FollowAsync(id, command, Start(command), startedAt).WaitAsync(cut);
            return;
        }

        voice.ItemCompleted(ItemShapes.Command(server.Dialect, id, command, Cwd, "declined"), startedAt);
        if (decision is "cancel")
            throw new OperationCanceledException("The client cancelled the turn.");
    }

    private RunningCommand Start(string command)
    {
        var running = RunningCommand.Start(command, thread.History.Info, thread.Settings.Environment);
        thread.Commands.Add(running);
        Write(JournalEvents.CommandStarted, running.Pid);
        return running;
    }

    private async Task FollowAsync(string id, string command, RunningCommand running, long startedAt)
    {
        var exitCode = await running.WaitAsync(output => voice.Delta("item/commandExecution/outputDelta", id, output));
        thread.Commands.Remove(running);
        Write(JournalEvents.CommandEnded, exitCode);
        var end = new CommandEnd(exitCode, server.NowMs - startedAt, running.Output);
        var status = exitCode == 0 ? "completed" : "failed";
        voice.ItemCompleted(ItemShapes.Command(server.Dialect, id, command, Cwd, status, end, running.Pid), startedAt);
    }

    private void Write(string what, int number) => server.Journal.Write(what, e => e with
    {
        ThreadId = thread.Id,
        TurnId = turn.Turn.Id,
        Command = number,
    });
}
