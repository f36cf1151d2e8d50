using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Rendering;
using CodexCompanion.Tool.Selftest.Simulator;

namespace CodexCompanion.Tool;

internal static class Program
{
    // Called as codex would be, this program is the simulated app-server; everything else goes through the command line.
    private static int Main(string[] arguments)
    {
        var run = arguments is ["app-server", ..] ? SimulatedAppServerProcess.RunAsync() : RunAsync(arguments);

        // To wait for the task itself would spin first: a millisecond of a processor, while Codex is at work.
        if (!run.IsCompleted)
            ((IAsyncResult)run).AsyncWaitHandle.WaitOne();
        return run.GetAwaiter().GetResult();
    }

    private static Task<int> RunAsync(string[] arguments) => Entry.RunAsync(
        CommandCatalog.Root,
        arguments,
        new ToolHost
        {
            Variables = ToolHost.ProcessVariables(),
            ArgumentsAreDamaged = ArgumentBytes.AreDamaged(arguments),
            CurrentDirectory = WorkingDirectory.OfProcess(),
            Streams = StandardStreams.OfProcess(),
            OpenStore = Wiring.OpenStore,
            CreateRun = Wiring.CreateRun,
        });
}
