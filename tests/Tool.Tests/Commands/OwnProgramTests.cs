using CodexCompanion.Tool.Commands;
using Xunit;

namespace CodexCompanion.Tool.Tests.Commands;

public sealed class OwnProgramTests : IDisposable
{
    private readonly ToolBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("codex-companion")]
    [InlineData("codex-companion.exe")]
    [InlineData("codex-companion.cmd")]
    public void An_installed_tool_is_called_by_its_shim_and_never_by_a_version(string shim)
    {
        var tools = Path.Combine(_bench.Root, "tools");
        var entry = Path.Combine(tools, ".store", "codex-companion", "1.2.3", "codex-companion.any", "1.2.3", "tools", "net10.0", "any", "codex-companion.dll");
        var program = new OwnProgram("/usr/bin/dotnet", [entry], entry);
        Assert.Equal(entry, program.LastingPath);
        Directory.CreateDirectory(tools);
        File.WriteAllText(Path.Combine(tools, shim), "");
        Assert.Equal(Path.Combine(tools, shim), program.LastingPath);
    }

    [Fact]
    public void Any_other_program_is_called_by_its_own_path() =>
        Assert.Equal("/opt/companion/codex-companion", new OwnProgram("/opt/companion/codex-companion", [], "/opt/companion/codex-companion").LastingPath);
}
