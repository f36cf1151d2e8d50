using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace CodexCompanion.Pipeline.Broker;

/// <summary>
/// Loads the tool's own assemblies ahead of time. An update of the tool deletes its folder under a running process; one that is loaded stays, one that is
/// not could never be loaded again, and a broker would fail in the middle of its draining. The framework's own stay where they are.
/// </summary>
public static class OwnAssemblies
{
    /// <summary>
    /// Loads everything the pipeline's code refers to that lies in the program's folder. What only the command line refers to has had its turn when
    /// the process was started, and would cost megabytes here. A native program has no assemblies: nothing happens.
    /// </summary>
    /// <param name="besides">What the names of those begin with that this process never uses.</param>
    /// <returns>How many there are.</returns>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Only a program that was not trimmed has assemblies to load.")]
    public static int Load(params IReadOnlyList<string> besides)
    {
        if (!RuntimeFeature.IsDynamicCodeSupported)
            return 0;
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var next = new Queue<Assembly>([typeof(OwnAssemblies).Assembly]);
        while (next.TryDequeue(out var assembly))
        {
            if (!seen.Add(assembly.GetName().Name ?? ""))
                continue;
            foreach (var reference in assembly.GetReferencedAssemblies().Where(r => !seen.Contains(r.Name ?? "") && IsWanted(r.Name, besides)))
                next.Enqueue(Assembly.Load(reference));
        }

        return seen.Count;
    }

    private static bool IsWanted(string? name, IReadOnlyList<string> besides) =>
        name is not null
        && !besides.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal))
        && File.Exists(Path.Combine(AppContext.BaseDirectory, name + ".dll"));
}
