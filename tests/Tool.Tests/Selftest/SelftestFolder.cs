using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Selftest;
using CodexCompanion.Tool.Selftest.Simulator.Script;

namespace CodexCompanion.Tool.Tests.Selftest;

/// <summary>A temp folder, and this tool as the tests have it beside them.</summary>
internal sealed class SelftestFolder : IDisposable
{
    public SelftestFolder() => Path = Directory.CreateTempSubdirectory("cst-").FullName;

    public string Path { get; }

    public static string Tool { get; } =
        System.IO.Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "codex-companion.exe" : "codex-companion");

    public static OwnProgram Program { get; } = new(Tool, [], Tool);

    public static IReadOnlyDictionary<string, string> Caller => ToolHost.ProcessVariables();

    public Sandbox Sandbox() => new(System.IO.Path.Combine(Path, "01"), new SimulationScript(), Program, Caller, TimeProvider.System);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
