using System.Text.Json;
using System.Text.Json.Nodes;
using CodexCompanion.Tool.Selftest.Simulator.Journal;
using CodexCompanion.Tool.Selftest.Simulator.Methods;
using CodexCompanion.Tool.Selftest.Simulator.Script;
using CodexCompanion.Tool.Selftest.Simulator.Wire;

namespace CodexCompanion.Tool.Selftest.Simulator;

/// <summary>
/// An app-server that speaks the protocol of <c>codex app-server</c> as it was measured on the real one, with a model that does what prompts
/// tell it (<see cref="Turns.Directive"/>) and with faults on demand (<see cref="SimulatedFault"/>). Everything it does is in the
/// <see cref="SimulationJournal"/>; its threads survive it, as real ones do.
/// </summary>
internal static class SimulatedAppServer
{
    /// <summary>The exit code when there is no script, or none that can be read.</summary>
    public const int NoScriptExitCode = 2;

    // Time to see what a server without stdin does; then it goes, as nobody else would end it.
    private static readonly TimeSpan LifeWithoutStdin = TimeSpan.FromSeconds(30);

    /// <summary>Serves one client until its input ends, a fault ends the server, or it is cancelled.</summary>
    /// <param name="codexHome">The folder with <c>simulation.json</c>; threads and the journal are kept below it.</param>
    /// <param name="input">What the client says; closed at the end.</param>
    /// <param name="output">What the client hears; closed at the end.</param>
    /// <param name="stderr">Where a codex would log.</param>
    /// <param name="cancellation">Ends the server as SIGTERM does.</param>
    /// <returns>The exit code.</returns>
    public static Task<int> RunAsync(string codexHome, Stream input, Stream output, TextWriter stderr, CancellationToken cancellation) =>
        RunAsync(codexHome, input, output, stderr, new SimulatorHost(TimeProvider.System), cancellation);

    /// <summary>The same, in a given host.</summary>
    public static async Task<int> RunAsync(
        string codexHome, Stream input, Stream output, TextWriter stderr, SimulatorHost host, CancellationToken cancellation)
    {
        try
        {
            return await ServeAsync(codexHome, input, output, stderr, host, cancellation);
        }
        finally
        {
            await output.DisposeAsync();
            await input.DisposeAsync();
        }
    }

    private static async Task<int> ServeAsync(
        string codexHome, Stream input, Stream output, TextWriter stderr, SimulatorHost host, CancellationToken cancellation)
    {
        var read = SimulationScript.ReadFrom(codexHome);
        if (read is not ScriptRead.Found(var script))
        {
            await stderr.WriteLineAsync(read is ScriptRead.Missing(var path)
                ? $"codex-companion app-server is only the simulated one, which needs its script at {path}; the real one is codex app-server."
                : $"The simulated app-server cannot start: {((ScriptRead.Unusable)read).Reason}.");
            return NoScriptExitCode;
        }

        var home = new SimulationHome(Path.GetFullPath(codexHome));
        Directory.CreateDirectory(home.ThreadsFolder);
        Directory.CreateDirectory(home.ClaimsFolder);
        var server = new ServerContext(home, script, output, stderr, host);
        await using var sigterm = cancellation.Register(() => server.Lifetime.EndGracefully("sigterm"));
        server.Journal.Write(JournalEvents.ServerStarted);
        server.RunAside(() => ReadAsync(server, input));
        return await server.Lifetime.Ended;
    }

    private static async Task ReadAsync(ServerContext server, Stream input)
    {
        await server.Faults.StrikeAsync(FaultPoint.ProcessStart);
        using var lines = new LineReader(input);
        var dispatcher = new RequestDispatcher(server);
        while (await lines.ReadAsync(server.Lifetime.Stopping) is { } line)
        {
            if (await ParseAsync(server, line) is { } message && !await dispatcher.TakeAsync(message))
            {
                lines.Dispose();
                await Task.Delay(LifeWithoutStdin, server.Time, server.Lifetime.Stopping);
                break;
            }
        }

        server.Lifetime.EndGracefully("stdin-end");
    }

    private static async Task<JsonObject?> ParseAsync(ServerContext server, ReadOnlyMemory<byte> line)
    {
        try
        {
            if (JsonNode.Parse(line.Span) is JsonObject message)
                return message;
        }
        catch (JsonException)
        {
            // Said below, like everything else that is no message.
        }

        await server.Stderr.WriteLineAsync("ERROR codex_app_server: Failed to deserialize JSONRPCMessage");
        return null;
    }
}
