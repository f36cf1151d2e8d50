using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.Pipeline.Processes;

/// <summary>
/// A process we started and talk to over its standard streams. It has a session of its own, exactly the environment it was given, no
/// descriptor but those three, and default signal handling. It is not ended with this object: that is its owner's decision.
/// </summary>
public abstract class ChildProcess : IDisposable
{
    private protected ChildProcess(int pid, ProcessIdentity? identity)
    {
        Pid = pid;
        Identity = identity;
    }

    /// <summary>Its PID.</summary>
    public int Pid { get; }

    /// <summary>Its identity; null when it ended before we could look.</summary>
    public ProcessIdentity? Identity { get; }

    /// <summary>Its standard input.</summary>
    public abstract Stream Input { get; }

    /// <summary>Its standard output.</summary>
    public abstract Stream Output { get; }

    /// <summary>Its standard error.</summary>
    public abstract Stream ErrorOutput { get; }

    /// <summary>Completes when it has ended.</summary>
    public abstract Task<ChildExit> Exited { get; }

    /// <summary>Starts one.</summary>
    /// <param name="start">What to start.</param>
    /// <param name="processes">Tells its identity.</param>
    public static ChildStartResult Start(ChildStart start, IProcessTable processes)
    {
        if (StartProblem.Foresee(start) is { } problem)
            return new ChildStartResult.Failed(problem);
        return OperatingSystem.IsWindows() ? PortableChild.StartNew(start, processes) : UnixChild.StartNew(start, processes);
    }

    /// <summary>Ends its standard input: a well-behaved server exits on that.</summary>
    public void EndInput() => Input.Dispose();

    /// <summary>Asks it to end (SIGTERM). Where a system has no such thing, it does nothing.</summary>
    public abstract void Terminate();

    /// <summary>Ends it (SIGKILL). Does nothing when it has ended already.</summary>
    public abstract void Kill();

    /// <summary>Closes our ends of its streams.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes our ends of its streams.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        Input.Dispose();
        Output.Dispose();
        ErrorOutput.Dispose();
    }
}
