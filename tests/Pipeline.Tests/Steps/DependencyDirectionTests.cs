using System.Reflection;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Steps;

/// <summary>Tool → Pipeline → StateStore, never back: the pipeline could be used without any command line.</summary>
public sealed class DependencyDirectionTests
{
    [Fact]
    public void The_pipeline_needs_neither_the_tool_nor_its_command_line_library()
    {
        var needed = OwnReferences(typeof(CompanionPipeline).Assembly);

        Assert.Contains("CodexCompanion.StateStore", needed);
        Assert.DoesNotContain(needed, name => name.Contains("McMaster", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain("codex-companion", needed);
        Assert.DoesNotContain(needed, name => name.StartsWith("CodexCompanion.Tool", StringComparison.Ordinal));
    }

    [Fact]
    public void The_state_store_needs_nothing_of_ours() =>
        Assert.DoesNotContain(
            OwnReferences(typeof(StateStore.Workspace).Assembly), name => name.StartsWith("CodexCompanion", StringComparison.Ordinal));

    // All assemblies reached from one of ours, through ours.
    private static HashSet<string> OwnReferences(Assembly assembly)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var reference in assembly.GetReferencedAssemblies())
        {
            if (names.Add(reference.Name!) && reference.Name!.StartsWith("CodexCompanion", StringComparison.Ordinal))
                names.UnionWith(OwnReferences(Assembly.Load(reference)));
        }

        return names;
    }
}
