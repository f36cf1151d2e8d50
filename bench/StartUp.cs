using CodexCompanion.EndToEnd.Tests.Harness;

namespace CodexCompanion.Bench;

/// <summary>What a short command costs, against an empty .NET program and against `node -e 0`.</summary>
internal static class StartUp
{
    public static async Task RunAsync(int rounds)
    {
        await using var home = PrivateHome.Create();
        var environment = home.Environ();
        var all = new Rounds();
        var floor = all.Add("empty .NET program", () => Run(Environment.ProcessPath!, "nothing"));
        var version = all.Add("codex-companion --version", () => Run(ToolUnderTest.Path, "--version"));
        var help = all.Add("codex-companion --help", () => Run(ToolUnderTest.Path, "--help"));
        var status = all.Add("codex-companion broker status (none runs)", () => Run(ToolUnderTest.Path, "broker", "status"));
        var node = OnPath("node") is { } path ? all.Add("node -e 0", () => Run(path, "-e", "0")) : null;

        Console.WriteLine("\nstart-up");
        await all.RunAsync(rounds);
        all.Print();
        Console.WriteLine($"  --version / empty program, CPU:            {version.Cpu / floor.Cpu:0.00}");
        Console.WriteLine($"  --help / empty program, CPU:               {help.Cpu / floor.Cpu:0.00}");
        Console.WriteLine($"  broker status / empty program, CPU:        {status.Cpu / floor.Cpu:0.00}");

        // The Node runtime's own --help is known to cost node -e 0 times 1.4.
        if (node is not null)
            Console.WriteLine($"  --help / (node -e 0 × 1.4), wall and CPU:  {help.Wall / (node.Wall * 1.4):0.00} {help.Cpu / (node.Cpu * 1.4):0.00}   (goal: CPU at most 0.50)");

        Task<Cost> Run(string program, params string[] arguments) => ChildUsage.RunAsync(program, arguments, environment, home.Workspace);
    }

    public static string? OnPath(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, name))
        .FirstOrDefault(File.Exists);
}
