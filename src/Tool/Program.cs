using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool;

internal static class Program
{
    private static Task<int> Main(string[] arguments) => Entry.RunAsync(
        CommandCatalog.Root,
        arguments,
        new ToolHost
        {
            Variables = ToolHost.ProcessVariables(),
            CurrentDirectory = Environment.CurrentDirectory,
            Streams = StandardStreams.OfProcess(),
            OpenStore = Wiring.OpenStore,
            CreateRun = Wiring.CreateRun,
        });
}
