using System.Diagnostics;
using System.Text.Json.Nodes;
using CodexCompanion.EndToEnd.Tests.Codex;
using CodexCompanion.EndToEnd.Tests.Harness;

namespace CodexCompanion.Bench;

/// <summary>A task through a warm broker, with the real codex and a model that answers at once, against `codex exec` and against the least
/// a client can do: one thread and one turn in a server that is warm already.</summary>
internal static class WarmTask
{
    // The Node runtime's warm task is known to cost node -e 0 times this.
    private const double NodeTask = 5.8;

    public static async Task RunAsync(int rounds)
    {
        var codex = await CodexInstall.OfAsync(CodexInstall.Newest);

        // A Codex home each: servers that share one watch and lock each other's files, and whose turn comes first would count.
        await using var home = PrivateHome.Create();
        await using var execHome = PrivateHome.Create();
        await using var serverHome = PrivateHome.Create();
        await using var directHome = PrivateHome.Create();
        await using var server = await RawAppServer.StartAsync(codex.Native, serverHome.Environ(codex.Native), serverHome.Workspace);

        var all = new Rounds();
        var task = all.Add("codex-companion task, warm broker", () => Tool(home, "task", "say hello"));
        var exec = all.Add("codex exec", () => Run(execHome, codex.Native, "exec", "say hello"));
        var turn = all.Add("thread + turn in a warm server", () => TurnAsync(server, serverHome.Workspace));
        var version = all.Add("codex-companion --version", () => Tool(home, "--version"));
        var direct = all.Add("codex-companion task --no-broker", () => Tool(directHome, "task", "--no-broker", "say hello"));
        var node = NodeRuntime.Find()?.Node is { } path ? all.Add("node -e 0", () => Run(home, path, "-e", "0")) : null;

        Console.WriteLine($"\ntask, codex {codex.Version}");
        await all.RunAsync(rounds);
        all.Print();
        Console.WriteLine($"  warm task / codex exec, wall:              {task.Wall / exec.Wall:0.00}   (goal: below 1)");
        Console.WriteLine($"  warm task / (turn + --version), wall:      {task.Wall / (turn.Wall + version.Wall):0.00}   (goal: at most 1.30)");
        if (node is not null)
            Console.WriteLine($"  warm task / (node -e 0 × {NodeTask}), wall:       {task.Wall / (node.Wall * NodeTask):0.00}   (goal: at most 0.45)");
        Console.WriteLine($"  direct task / codex exec, wall:            {direct.Wall / exec.Wall:0.00}");
        await PrintBrokerAsync(home, home.Environ(codex.Native));
        await server.EndAsync();
        await Tool(home, "broker", "stop");

        Task<Cost> Tool(PrivateHome owner, params string[] arguments) => Run(owner, ToolUnderTest.Path, arguments);
        Task<Cost> Run(PrivateHome owner, string program, params string[] arguments) =>
            ChildUsage.RunAsync(program, arguments, owner.Environ(codex.Native), owner.Workspace);
    }

    private static async Task<Cost> TurnAsync(RawAppServer server, string workspace)
    {
        var begun = Stopwatch.GetTimestamp();
        await server.RunTurnAsync(await server.StartThreadAsync(workspace), "say hello");
        return new Cost(Stopwatch.GetElapsedTime(begun).TotalMilliseconds, 0);
    }

    private static async Task PrintBrokerAsync(PrivateHome home, IReadOnlyDictionary<string, string> environment)
    {
        await using var status = RunningProgram.Start(ToolUnderTest.Path, ["broker", "status", "--json"], environment, home.Workspace);
        var broker = JsonNode.Parse((await status.EndAsync()).Output)!["broker"]!;
        Console.WriteLine($"  idle broker:                               {broker["memoryBytes"]!.GetValue<long>() / 1048576.0:0} MiB resident   (goal: at most 60)");
        Console.WriteLine($"  its app-server:                            {broker["appServer"]!["memoryBytes"]!.GetValue<long>() / 1048576.0:0} MiB resident");
    }
}
