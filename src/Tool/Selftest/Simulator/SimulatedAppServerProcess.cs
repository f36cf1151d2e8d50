using System.Diagnostics;
using System.Runtime.InteropServices;
using CodexCompanion.Tool.Selftest.Simulator.Script;

namespace CodexCompanion.Tool.Selftest.Simulator;

/// <summary><c>codex-companion app-server</c>: the simulated app-server as a process of its own.</summary>
internal static class SimulatedAppServerProcess
{
    /// <summary>Serves this process's stdin and stdout.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync()
    {
        var home = Environment.GetEnvironmentVariable("CODEX_HOME");
        if (string.IsNullOrEmpty(home))
        {
            await Console.Error.WriteLineAsync("codex-companion app-server is only the simulated one, which needs CODEX_HOME with its script.");
            return SimulatedAppServer.NoScriptExitCode;
        }

        using var terminated = new CancellationTokenSource();
        using var sigterm = ExitsCleanlyOnSigterm(home)
            ? PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
            {
                context.Cancel = true;
                terminated.Cancel();
            })
            : null;
        return await SimulatedAppServer.RunAsync(
            home, StandardStream.OpenInput(), StandardStream.OpenOutput(), Console.Error, new SimulatorHost(TimeProvider.System, KillThisProcess), terminated.Token);
    }

    // 0.142 dies by the signal, and its commands live on.
    private static bool ExitsCleanlyOnSigterm(string home) =>
        SimulationScript.ReadFrom(home) is not ScriptRead.Found(var script) || Dialect.Of(script.Dialect).IsModern;

    private static void KillThisProcess()
    {
        using var self = Process.GetCurrentProcess();
        self.Kill();
    }
}
