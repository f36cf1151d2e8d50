namespace CodexCompanion.Tool.CommandLine;

/// <summary>How many values an option takes.</summary>
internal enum OptionArity
{
    /// <summary>None: it is there or not.</summary>
    Flag,

    /// <summary>One, given once.</summary>
    Value,

    /// <summary>One each time; it may be given again.</summary>
    Repeated,
}

/// <summary>One row of a command's option table, from which its arguments are split, parsed and explained.</summary>
/// <param name="Name">Long name, without dashes.</param>
/// <param name="Arity">How many values it takes.</param>
/// <param name="Description">One line for the help text.</param>
internal sealed record OptionSpec(string Name, OptionArity Arity, string Description)
{
    /// <summary>Short name; null for none.</summary>
    public char? Short { get; init; }

    /// <summary>What its value is called in the help text.</summary>
    public string ValueName { get; init; } = "VALUE";

    /// <summary>The usual values, for shells to offer; other ones may be fine, too. Made when asked for, which only a TAB does.</summary>
    public Func<IEnumerable<string>> Choices { get; init; } = () => [];

    /// <summary>Why using it is refused; null for an option that works. A refused option is not shown in the help text.</summary>
    public string? Refusal { get; init; }

    /// <summary>Whether it takes a value.</summary>
    public bool TakesValue => Arity != OptionArity.Flag;

    /// <summary>How a person writes it.</summary>
    public string Display => "--" + Name;
}

/// <summary>An option as it was given.</summary>
/// <param name="Option">Which.</param>
/// <param name="Value">Its value, byte for byte; null for a flag.</param>
internal sealed record OptionToken(OptionSpec Option, string? Value);
