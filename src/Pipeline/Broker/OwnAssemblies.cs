using System.Reflection;

namespace CodexCompanion.Pipeline.Broker;

/// <summary>
/// Loads the tool's own assemblies ahead of time. An update of the tool deletes its folder under a running broker; one that is loaded stays, one that is
/// not could never be loaded again, and the broker would fail in the middle of its draining. The framework's own stay where they are.
/// </summary>
internal static class OwnAssemblies
{
    /// <summary>
    /// Loads everything the broker's own code refers to that lies in the program's folder. What only the command line refers to has had its turn when
    /// the broker was started, and would cost megabytes here.
    /// </summary>
    /// <returns>How many there are.</returns>
    public static int Load()
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var next = new Queue<Assembly>([typeof(OwnAssemblies).Assembly]);
        while (next.TryDequeue(out var assembly))
        {
            if (!seen.Add(assembly.GetName().Name ?? ""))
                continue;
            foreach (var reference in assembly.GetReferencedAssemblies().Where(r => !seen.Contains(r.Name ?? "") && LiesHere(r.Name)))
                next.Enqueue(Assembly.Load(reference));
        }

        return seen.Count;
    }

    private static bool LiesHere(string? name) => name is not null && File.Exists(Path.Combine(AppContext.BaseDirectory, name + ".dll"));
}
