using CodexCompanion.Tool.Selftest.Simulator;

namespace CodexCompanion.Tool;

internal static class Program
{
    private static async Task<int> Main(string[] args) => args is ["app-server", ..] ? await SimulatedAppServerProcess.RunAsync() : 0;
}
