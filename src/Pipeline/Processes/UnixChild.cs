using System.Runtime.Versioning;
using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.Pipeline.Processes;

/// <summary>A child started with posix_spawn, its streams sockets.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class UnixChild : ChildProcess
{
    private UnixChild(int pid, ProcessIdentity? identity, Task<ChildExit> exited, Stream input, Stream output, Stream errorOutput)
        : base(pid, identity)
    {
        Exited = exited;
        Input = input;
        Output = output;
        ErrorOutput = errorOutput;
    }

    public override Stream Input { get; }

    public override Stream Output { get; }

    public override Stream ErrorOutput { get; }

    public override Task<ChildExit> Exited { get; }

    public static ChildStartResult StartNew(ChildStart start, IProcessTable processes)
    {
        try
        {
            using var input = SocketPair.Create();
            using var output = SocketPair.Create();
            using var errorOutput = SocketPair.Create();
            var stdio = new ChildStdio.Descriptors(input.Theirs, output.Theirs, errorOutput.Theirs);
            var pid = UnixChildren.Start(start, stdio, out var exited);
            if (pid <= 0)
                return new ChildStartResult.Failed(StartProblem.Explain(start, -pid));

            return new ChildStartResult.Started(new UnixChild(
                pid, processes.Identify(pid), exited, input.TakeOurs(), output.TakeOurs(), errorOutput.TakeOurs()));
        }
        catch (IOException e)
        {
            return new ChildStartResult.Failed($"{start.Path} could not be started: {e.Message}");
        }
    }

    public override void Terminate() => UnixChildren.Signal(Pid, Libc.Terminate);

    public override void Kill() => UnixChildren.Signal(Pid, Libc.Kill);
}
