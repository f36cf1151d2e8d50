using System.Diagnostics.CodeAnalysis;

namespace CodexCompanion.Tool.CommandLine;

/// <summary>The options a command knows, its own and those of every command.</summary>
internal sealed class OptionTable(IReadOnlyList<OptionSpec> options)
{
    /// <summary>All rows, in the order of the help text.</summary>
    public IReadOnlyList<OptionSpec> All { get; } = options;

    /// <summary>Whether text follows the options, which may begin with a dash.</summary>
    public bool BeforeText { get; init; }

    /// <summary>Finds an option by its exact long name (without dashes).</summary>
    public bool TryFind(ReadOnlySpan<char> name, [NotNullWhen(true)] out OptionSpec? option)
    {
        foreach (var candidate in All)
        {
            if (name.SequenceEqual(candidate.Name))
            {
                option = candidate;
                return true;
            }
        }

        option = null;
        return false;
    }

    /// <summary>Finds an option by its short name.</summary>
    public bool TryFind(char shortName, [NotNullWhen(true)] out OptionSpec? option)
    {
        option = All.FirstOrDefault(candidate => candidate.Short == shortName);
        return option is not null;
    }

    /// <summary>The option a single word spells exactly (<c>--write</c>, <c>--model=x</c>, <c>-m</c>), if any.</summary>
    public bool TryRecognise(string word, [NotNullWhen(true)] out OptionSpec? option, out bool hasValue)
    {
        hasValue = false;
        option = null;
        if (word.Length == 2 && word[0] == '-')
            return TryFind(word[1], out option);
        if (!word.StartsWith("--", StringComparison.Ordinal))
            return false;
        var equals = word.IndexOf('=', StringComparison.Ordinal);
        hasValue = equals >= 0;
        return TryFind(word.AsSpan(2, (hasValue ? equals : word.Length) - 2), out option) && (!hasValue || option.TakesValue);
    }

    /// <summary>The options that work, as a person writes them.</summary>
    public IEnumerable<string> Displays => All.Where(option => option.Refusal is null).Select(option => option.Display);
}
