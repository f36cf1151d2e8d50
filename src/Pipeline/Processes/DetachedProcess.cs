using System.ComponentModel;
using System.Diagnostics;
using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.Pipeline.Processes;

/// <summary>How a start by <see cref="DetachedProcess"/> went.</summary>
public abstract record DetachedStart
{
    private DetachedStart()
    {
    }

    /// <summary>It runs.</summary>
    public sealed record Started(DetachedChild Child) : DetachedStart;

    /// <summary>It could not be started, for the reason in one sentence.</summary>
    public sealed record Failed(string Reason) : DetachedStart;
}

/// <summary>
/// Starts a process that outlives us: a broker, a worker. It has a session of its own, no input, and none of our descriptors, so that
/// whoever reads our output sees its end when we exit.
/// </summary>
public static class DetachedProcess
{
    private const string Nowhere = "/dev/null";

    /// <summary>Starts one.</summary>
    /// <param name="start">What to start.</param>
    /// <param name="outputFile">File, absolute, to which its output and error output are added; null for nowhere. On Windows they go
    /// nowhere.</param>
    /// <param name="processes">Tells its identity.</param>
    public static DetachedStart Start(ChildStart start, string? outputFile, IProcessTable processes)
    {
        if (StartProblem.Foresee(start) is { } problem)
            return new DetachedStart.Failed(problem);
        if (OperatingSystem.IsWindows())
            return StartPortably(start, processes);
        if (outputFile is not null && !Directory.Exists(Path.GetDirectoryName(outputFile)))
            return new DetachedStart.Failed($"The folder for the output, {Path.GetDirectoryName(outputFile)}, does not exist.");

        var pid = UnixChildren.Start(start, new ChildStdio.ToFile(outputFile ?? Nowhere), out var exited);
        return pid > 0
            ? new DetachedStart.Started(new DetachedChild(pid, processes.Identify(pid), exited))
            : new DetachedStart.Failed(StartProblem.Explain(start, -pid));
    }

    // Not run on Windows yet. The redirected streams break when we exit: what is started so must not need them.
    private static DetachedStart StartPortably(ChildStart start, IProcessTable processes)
    {
        try
        {
            var process = Process.Start(PortableChild.Describe(start))!;
            return new DetachedStart.Started(new DetachedChild(process.Id, processes.Identify(process.Id), ExitOf(process)));
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or IOException)
        {
            return new DetachedStart.Failed($"{start.Path} could not be started: {e.Message}");
        }
    }

    private static async Task<ChildExit> ExitOf(Process process)
    {
        using (process)
        {
            await process.WaitForExitAsync();
            return new ChildExit(process.ExitCode, Signal: null);
        }
    }
}

/// <summary>A process started by <see cref="DetachedProcess"/>, watched for as long as we live.</summary>
/// <param name="Pid">Its PID.</param>
/// <param name="Identity">Its identity; null when it ended before we could look.</param>
/// <param name="Exited">Completes when it has ended.</param>
public sealed record DetachedChild(int Pid, ProcessIdentity? Identity, Task<ChildExit> Exited);
