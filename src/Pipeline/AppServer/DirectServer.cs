using CodexCompanion.Pipeline.Processes;
using CodexCompanion.Pipeline.Turns;

namespace CodexCompanion.Pipeline.AppServer;

/// <summary>How the start of an own app-server went: closed, one of two.</summary>
public abstract record DirectStart
{
    private DirectStart()
    {
    }

    /// <summary>It answers.</summary>
    public sealed record Started(IAppServerSession Session) : DirectStart;

    /// <summary>It does not; the outcome says why.</summary>
    public sealed record Failed(Outcome Outcome) : DirectStart;
}

/// <summary>Starts an app-server of our own for one request; it ends with its session and leaves nothing behind.</summary>
public sealed class DirectServer(
    AppServerLauncher launcher, CodexInUse codex, CompanionSetup setup, IServerRequestPolicy policy, ITurnProcesses turnProcesses, TimeProvider time)
{
    /// <summary>What marks the server of a job, and all it starts.</summary>
    public static string InstanceOf(string jobId) => "direct-" + jobId;

    /// <summary>Starts one.</summary>
    public async Task<DirectStart> StartAsync(PipelineContext context)
    {
        var receiver = new DirectReceiver(policy);
        try
        {
            var start = await launcher.StartAsync(
                codex.Binary, setup.Environment, InstanceOf(context.Request.JobId), context.Request.Cwd, setup.Limits, receiver, context.Stop);
            if (start is AppServerStart.Failed failed)
                return new DirectStart.Failed(new Outcome.Failed(failed.Kind, failed.Message, failed.Hint));

            var started = (AppServerStart.Started)start;
            codex.NoteWorked();
            if (started.Note is { } note)
                context.Observer.On(new RunEvent.Progress(Phase: null, note));
            return new DirectStart.Started(new DirectSession(started.Server, receiver, turnProcesses, setup.Limits, time));
        }
        catch (OperationCanceledException)
        {
            return new DirectStart.Failed(new Outcome.Cancelled(StopProof.NothingRan));
        }
    }
}
