using System.ComponentModel;
using System.Diagnostics;
using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.Pipeline.Processes;

/// <summary>
/// A child started by .NET itself, for Windows. There are no sessions to leave there; having no console window keeps a Ctrl-C away.
/// Not run on Windows yet.
/// </summary>
internal sealed class PortableChild : ChildProcess
{
    private readonly Process _process;

    private PortableChild(Process process, ProcessIdentity? identity)
        : base(process.Id, identity)
    {
        _process = process;
        Exited = WaitAsync(process);
    }

    public override Stream Input => _process.StandardInput.BaseStream;

    public override Stream Output => _process.StandardOutput.BaseStream;

    public override Stream ErrorOutput => _process.StandardError.BaseStream;

    public override Task<ChildExit> Exited { get; }

    public static ChildStartResult StartNew(ChildStart start, IProcessTable processes)
    {
        try
        {
            var process = Process.Start(Describe(start))!;
            return new ChildStartResult.Started(new PortableChild(process, processes.Identify(process.Id)));
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or IOException)
        {
            return new ChildStartResult.Failed($"{start.Path} could not be started: {e.Message}");
        }
    }

    /// <summary>What .NET needs to know to start it.</summary>
    public static ProcessStartInfo Describe(ChildStart start)
    {
        var info = new ProcessStartInfo(start.Path, start.Arguments)
        {
            WorkingDirectory = start.WorkingDirectory,
            CreateNoWindow = true,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        info.Environment.Clear();
        foreach (var (name, value) in start.Environment)
            info.Environment[name] = value;
        return info;
    }

    public override void Terminate()
    {
        // Windows has no polite signal for a process without a window: ending its input was the polite request.
    }

    public override void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has ended, or is about to; what is left of its tree is found and reported by the caller.
        }
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing && Exited.IsCompleted)
            _process.Dispose();
    }

    private static async Task<ChildExit> WaitAsync(Process process)
    {
        await process.WaitForExitAsync();
        return new ChildExit(process.ExitCode, Signal: null);
    }
}
