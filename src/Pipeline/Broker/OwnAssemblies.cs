using System.Reflection;

namespace CodexCompanion.Pipeline.Broker;

/// <summary>
/// Loads the tool's own assemblies ahead of time. An update of the tool deletes its folder under a running broker; one that is loaded stays, one that is
/// not could never be loaded again, and the broker would fail in the middle of its draining. The framework's own stay where they are.
/// </summary>
internal static class OwnAssemblies
{
    /// <summary>Loads everything the program refers to that lies in its own folder.</summary>
    /// <returns>How many there are.</returns>
    public static int Load()
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var next = new Queue<Assembly>(AppDomain.CurrentDomain.GetAssemblies().Where(IsOwn));
        while (next.TryDequeue(out var assembly))
        {
            if (!seen.Add(assembly.GetName().Name ?? ""))
                continue;
            foreach (var reference in assembly.GetReferencedAssemblies().Where(r => !seen.Contains(r.Name ?? "") && LiesHere(r.Name)))
                next.Enqueue(Assembly.Load(reference));
        }

        return seen.Count;
    }

    private static bool IsOwn(Assembly assembly) => !assembly.IsDynamic && LiesHere(assembly.GetName().Name);

    private static bool LiesHere(string? name) => name is not null && File.Exists(Path.Combine(AppContext.BaseDirectory, name + ".dll"));
}
