using CodexCompanion.Tool.Selftest.Simulator.Journal;
using CodexCompanion.Tool.Selftest.Simulator.Script;

namespace CodexCompanion.Tool.Tests.Selftest.Simulator;

/// <summary>A home and a workspace of a test's own, gone when it ends.</summary>
internal sealed class SimulationFolder : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("codex-companion-simulation-").FullName;

    public SimulationFolder(SimulationScript? script = null)
    {
        Directory.CreateDirectory(Workspace);
        Use(script ?? new SimulationScript());
    }

    public string Home => Path.Combine(_root, "home");

    public string Workspace => Path.Combine(_root, "workspace");

    public SimulationJournal Journal => SimulationJournal.Read(Home);

    public void Use(SimulationScript script) => script.WriteTo(Home);

    public SimulationFolder With(params SimulatedFault[] faults)
    {
        Use(new SimulationScript(Faults: faults));
        return this;
    }

    /// <summary>The lines of a file in the workspace; none when there is no file.</summary>
    public string[] Lines(string file) =>
        File.Exists(Path.Combine(Workspace, file)) ? File.ReadAllLines(Path.Combine(Workspace, file)) : [];

    /// <summary>Waits until the journal says something.</summary>
    public async Task WaitForAsync(Func<SimulationJournal, bool> condition)
    {
        using var patience = new CancellationTokenSource(SimulatedClient.Patience);
        while (!condition(Journal))
            await Task.Delay(5, patience.Token);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
