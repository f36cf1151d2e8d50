namespace CodexCompanion.Pipeline;

/// <summary>Puts steps in order: the built-in ones as given, each other one where its placement says.</summary>
public static class StepOrder
{
    /// <summary>The steps in the order they run.</summary>
    /// <exception cref="InvalidOperationException">A step is missing, named twice, placed at an unknown step, or placed in a circle; the
    /// message names it.</exception>
    public static IReadOnlyList<IPipelineStep> Arrange(IEnumerable<IPipelineStep> steps, IReadOnlyList<string> builtInOrder)
    {
        var byName = new Dictionary<string, IPipelineStep>(StringComparer.Ordinal);
        foreach (var step in steps)
        {
            if (!byName.TryAdd(step.Name, step))
                throw new InvalidOperationException($"Two pipeline steps are named '{step.Name}'; names must be unique.");
        }

        var ordered = builtInOrder
            .Select(name => byName.TryGetValue(name, out var step)
                ? step
                : throw new InvalidOperationException($"The built-in pipeline step '{name}' is not registered."))
            .ToList();
        var waiting = byName.Values.Where(s => !ordered.Contains(s)).ToList();
        while (waiting.Count > 0)
        {
            var placed = waiting.FirstOrDefault(step => TryPlace(step, ordered, byName));
            if (placed is null)
                throw new InvalidOperationException($"Pipeline steps are placed in a circle: {string.Join(", ", waiting.Select(s => s.Name))}.");
            waiting.Remove(placed);
        }

        return ordered;
    }

    private static bool TryPlace(IPipelineStep step, List<IPipelineStep> ordered, Dictionary<string, IPipelineStep> byName)
    {
        var (anchor, offset) = step.Placement switch
        {
            StepPlacement.Before before => (before.Step, 0),
            StepPlacement.After after => (after.Step, 1),
            _ => throw new InvalidOperationException($"'{step.Name}' is no built-in pipeline step; it must be placed before or after one."),
        };
        if (!byName.ContainsKey(anchor))
            throw new InvalidOperationException($"Pipeline step '{step.Name}' is placed at '{anchor}', which does not exist.");

        var at = ordered.FindIndex(s => string.Equals(s.Name, anchor, StringComparison.Ordinal));
        if (at < 0)
            return false;
        ordered.Insert(at + offset, step);
        return true;
    }
}
