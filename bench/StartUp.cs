using System.Globalization;
using CodexCompanion.EndToEnd.Tests.Harness;

namespace CodexCompanion.Bench;

/// <summary>
/// What a short command costs, against an empty .NET program and against the Node runtime in the same run: the runtime itself where
/// <c>CODEX_COMPANION_NODE_RUNTIME</c> names its <c>codex-companion.mjs</c>, else what is known of it, as a multiple of <c>node -e 0</c>.
/// </summary>
internal static class StartUp
{
    // The Node runtime's times as multiples of "node -e 0" in the same run; its hooks at the ends of a session cost it about the stop hook's.
    private const double HelpFactor = 1.4;
    private const double StatusFactor = 1.55;
    private const double HookFactor = 1.5;

    public static async Task RunAsync(int rounds)
    {
        await using var home = PrivateHome.Create();
        var environment = home.Environ();
        environment["CLAUDE_ENV_FILE"] = Path.Combine(home.Root, "session.env");
        var all = new Rounds();
        var floor = all.Add("empty .NET program", () => Run(Environment.ProcessPath!, ["nothing"]));
        var runtime = NodeRuntime.Find();
        var node = runtime is null ? null : all.Add("node -e 0", () => Run(runtime.Node, ["-e", "0"]));
        var version = all.Add("codex-companion --version", () => Run(ToolUnderTest.Path, ["--version"]));
        var pairs = new List<(string Name, Series Ours, Series? Theirs, double Factor)>
        {
            Pair("--help", HelpFactor, "", ["--help"], runtime?.Help),
            Pair("status --json", StatusFactor, "", ["status", "--json"], runtime?.Status),
            Pair("hook session-start", HookFactor, SessionEnd.Input("SessionStart"), ["hook", "session-start"], runtime?.SessionStart),
            Pair("hook session-end", HookFactor, SessionEnd.Input("SessionEnd"), ["hook", "session-end"], runtime?.SessionEnd),
            Pair("hook stop (gate off)", HookFactor, SessionEnd.Input("Stop"), ["hook", "stop"], runtime?.Stop),
        };

        Console.WriteLine("\nstart-up");
        await all.RunAsync(rounds);
        all.Print();
        Console.WriteLine($"  {"ratios",-44} {"/ empty .NET, CPU",18} {"/ Node runtime, wall",21} {"CPU",6}");
        Print("--version", version, null, 0);
        pairs.ForEach(pair => Print(pair.Name, pair.Ours, pair.Theirs, pair.Factor));
        Console.WriteLine(node is null ? "  node is not installed: nothing to compare with"
            : runtime!.Script is null ? "  Node runtime: its known multiples of node -e 0; goal: CPU at most 0.50"
            : $"  Node runtime: {runtime.Script}; goal: CPU at most 0.50");

        (string, Series, Series?, double) Pair(string name, double factor, string input, string[] ours, IReadOnlyList<string>? theirs) => (
            name,
            all.Add($"codex-companion {name}", () => Run(ToolUnderTest.Path, ours, input)),
            theirs is null ? null : all.Add($"Node runtime, {name}", () => Run(runtime!.Node, theirs, input)),
            factor);

        void Print(string name, Series ours, Series? theirs, double factor)
        {
            var (wall, cpu) = theirs is not null ? (theirs.Wall, theirs.Cpu) : node is not null && factor > 0 ? (node.Wall * factor, node.Cpu * factor) : (0, 0);
            Console.WriteLine($"  {name,-44} {ours.Cpu / floor.Cpu,18:0.00} {Ratio(ours.Wall, wall),21} {Ratio(ours.Cpu, cpu),6}");
        }

        Task<Cost> Run(string program, IEnumerable<string> arguments, string input = "") =>
            ChildUsage.RunAsync(program, arguments, environment, home.Workspace, input);
    }

    private static string Ratio(double ours, double theirs) => theirs > 0 ? (ours / theirs).ToString("0.00", CultureInfo.InvariantCulture) : "-";
}
