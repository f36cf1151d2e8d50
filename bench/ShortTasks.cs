using System.Diagnostics;
using System.Globalization;
using CodexCompanion.EndToEnd.Tests.Harness;

namespace CodexCompanion.Bench;

/// <summary>Short tasks at once, each a process of its own, with the simulated app-server: through the broker, direct, and with the Node runtime where
/// <c>CODEX_COMPANION_NODE_RUNTIME</c> names its <c>codex-companion.mjs</c>.</summary>
internal static class ShortTasks
{
    // Shows itself as codex to a caller that finds it on PATH and asks it for its version first.
    private const string CodexOnPath = """
        #!/bin/sh
        case "$*" in
          --version) echo codex-cli 0.169.0 ;;
          "app-server --help") echo usage ;;
          *) exec 'TOOL' "$@" ;;
        esac
        """;

    public static async Task RunAsync(int rounds)
    {
        await using var home = PrivateHome.Create();
        File.Delete(Path.Combine(home.CodexHome, "config.toml"));
        await File.WriteAllTextAsync(Path.Combine(home.CodexHome, "simulation.json"), "{}");
        var environment = home.Environ(ToolUnderTest.Path);
        PutCodexOnPath(home, environment);
        var runtime = NodeRuntime.Find();
        Console.WriteLine("\nshort tasks at once, simulated app-server: wall time of each, processor time a task (client, broker and app-server), app-servers started");
        if (runtime?.Script is null)
            Console.WriteLine("  the Node runtime is left out: CODEX_COMPANION_NODE_RUNTIME does not name its codex-companion.mjs, or there is no node");
        foreach (var count in (int[])[1, 4, 16, 32])
        {
            await MeasureAsync("broker", count, ToolUnderTest.Path, ["task", "hello"]);
            Console.WriteLine($"  {"",23} the broker has {Broker(home).Resident >> 20} MiB");
            await MeasureAsync("direct", count, ToolUnderTest.Path, ["task", "--no-broker", "hello"]);
            if (runtime is { Node: var node, Script: { } script })
                await MeasureAsync("Node runtime", count, node, [script, "task", "hello"]);
        }

        await ChildUsage.RunAsync(ToolUnderTest.Path, ["broker", "stop"], environment, home.Workspace);

        async Task MeasureAsync(string name, int count, string program, string[] arguments)
        {
            await ChildUsage.RunAsync(program, arguments, environment, home.Workspace); // Warm: caches, and the broker.
            var servers = Servers(home);
            var costs = new List<double>();
            var cpu = ChildUsage.CpuOfChildren() + CpuOfLiving(home);
            var clock = Stopwatch.StartNew();
            for (var n = 0; n < rounds; n++)
                costs.AddRange((await Task.WhenAll(Enumerable.Range(0, count).Select(_ => ChildUsage.RunAsync(program, arguments, environment, home.Workspace)))).Select(c => c.Wall));
            var each = clock.Elapsed.TotalMilliseconds / rounds / count;
            var used = (ChildUsage.CpuOfChildren() + CpuOfLiving(home) - cpu) / rounds / count;
            costs.Sort();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  {count,2} at once, {name,-12} median {costs[costs.Count / 2],7:0} ms, p99 {costs[costs.Count * 99 / 100],7:0} ms, {each,6:0.0} ms of wall and {used,6:0.0} ms of processor a task; {(Servers(home) - servers) / (double)rounds:0} new app-servers a round"));
        }
    }

    private static void PutCodexOnPath(PrivateHome home, Dictionary<string, string> environment)
    {
        var folder = Path.Combine(home.Root, "bin");
        Directory.CreateDirectory(folder);
        var codex = Path.Combine(folder, "codex");
        File.WriteAllText(codex, CodexOnPath.Replace("TOOL", ToolUnderTest.Path, StringComparison.Ordinal));
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(codex, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        environment["PATH"] = folder + ":/usr/local/bin:/usr/bin:/bin";
    }

    // Every simulated server writes one line when it starts.
    private static int Servers(PrivateHome home) =>
        File.ReadLines(Path.Combine(home.CodexHome, "simulation", "journal.jsonl")).Count(l => l.Contains("\"server-started\"", StringComparison.Ordinal));

    // What serves several tasks is no child of ours: its processor time so far, in milliseconds.
    private static double CpuOfLiving(PrivateHome home) => home.Processes().Sum(p => Usage(p.Pid).Cpu);

    private static (double Cpu, long Resident) Broker(PrivateHome home) =>
        home.Processes().Where(p => p.CommandLine.Contains(" broker serve", StringComparison.Ordinal)).Select(p => Usage(p.Pid)).FirstOrDefault();

    private static (double Cpu, long Resident) Usage(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return (process.TotalProcessorTime.TotalMilliseconds, process.WorkingSet64);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return default; // Ended between the two looks.
        }
    }
}
