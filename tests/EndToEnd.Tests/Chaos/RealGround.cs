using CodexCompanion.EndToEnd.Tests.Harness;
using CodexCompanion.EndToEnd.Tests.Model;
using CodexCompanion.EndToEnd.Tests.Tool;

namespace CodexCompanion.EndToEnd.Tests.Chaos;

/// <summary>With the real codex: an edit appends to a file, so that one made twice leaves two lines, and the model's journal tells which turns were cut short.</summary>
internal sealed class RealGround(ToolUser user) : IChaosGround
{
    public PrivateHome Home => user.Home;

    public string[] WriteOptions => user.WriteOptions;

    public string Prompt(string mark, bool writes, int thinkMilliseconds, string answer) =>
        $"{mark}\nstub: delay {thinkMilliseconds}ms\n" + (writes ? $"stub: edit {mark}.txt done\nstub: delay {thinkMilliseconds / 2}ms\n" : "") + $"stub: reply \"{answer}\"";

    public RunningProgram Start(params string[] arguments) => user.Start(arguments);

    public Task<ProgramRun> RunAsync(params string[] arguments) => user.RunAsync(arguments);

    public int EditsMade(string mark) => File.Exists(Home.InWorkspace(mark + ".txt")) ? File.ReadAllLines(Home.InWorkspace(mark + ".txt")).Length : 0;

    public bool TurnRuns() => user.Model.Journal.Any(r => r.End == RequestEnd.Open);

    public int TurnsCutShort() => user.Model.Journal.Count(r => r.End == RequestEnd.ClientLeft);

    public ValueTask DisposeAsync() => user.DisposeAsync();
}
