namespace CodexCompanion.Pipeline.Processes;

/// <summary>A variable that marks a process as belonging to something of ours.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value.</param>
/// <param name="IsPrefix">Whether values that only begin so count as well.</param>
internal readonly record struct EnvironmentMark(string Name, string Value, bool IsPrefix)
{
    /// <summary>As it stands in an environment.</summary>
    public string Text => $"{Name}={Value}";

    /// <summary>Whether a variable, as it stands in an environment, is the mark.</summary>
    public bool Is(string variable) => IsPrefix ? variable.StartsWith(Text, StringComparison.Ordinal) : variable == Text;
}
