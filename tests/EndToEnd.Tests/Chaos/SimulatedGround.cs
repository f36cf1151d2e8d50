using CodexCompanion.EndToEnd.Tests.Harness;
using CodexCompanion.EndToEnd.Tests.Simulated;

namespace CodexCompanion.EndToEnd.Tests.Chaos;

/// <summary>With the simulated app-server, whose own journal tells what was done.</summary>
internal sealed class SimulatedGround : IChaosGround
{
    private readonly SimulatedUser _user = new();

    public PrivateHome Home => _user.Home;

    public string[] WriteOptions { get; } = ["--write"];

    public string Prompt(string mark, bool writes, int thinkMilliseconds, string answer) =>
        $"sim: think {thinkMilliseconds}ms\n" + (writes ? $"sim: edit {Effect(mark)} {mark}.txt\n" : "") + $"sim: think {thinkMilliseconds / 2}ms\nsim: reply \"{answer}\"";

    public RunningProgram Start(params string[] arguments) => _user.Start(arguments);

    public Task<ProgramRun> RunAsync(params string[] arguments) => _user.RunAsync(arguments);

    public int EditsMade(string mark) => _user.Events("edit").Count(e => SimulatedUser.Text(e, "effect") == Effect(mark));

    public bool TurnRuns() => _user.TurnRuns();

    public int TurnsCutShort() => _user.TurnsCutShort();

    public ValueTask DisposeAsync() => _user.DisposeAsync();

    private static string Effect(string mark) => "effect-" + mark;
}
