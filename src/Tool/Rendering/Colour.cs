namespace CodexCompanion.Tool.Rendering;

/// <summary>Whether to use colour and other escapes of terminals.</summary>
internal static class Colour
{
    /// <summary>NO_COLOR forbids it, FORCE_COLOR orders it, a dumb terminal cannot, a terminal can, anything else should not get it.</summary>
    /// <param name="variables">The environment.</param>
    /// <param name="isTerminal">Whether the output goes to a terminal.</param>
    public static bool IsWanted(IReadOnlyDictionary<string, string> variables, bool isTerminal)
    {
        // Both by their common definition (no-color.org, force-color.org): set and not empty, whatever the value; but 0 has always meant no.
        if (Value("NO_COLOR") is not null)
            return false;
        if (Value("FORCE_COLOR") is { } force)
            return force is not ("0" or "false");
        return isTerminal && Value("TERM") is not "dumb";

        string? Value(string name) => variables.TryGetValue(name, out var value) && value.Length > 0 ? value : null;
    }
}
