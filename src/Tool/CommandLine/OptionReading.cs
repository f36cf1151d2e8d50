using CodexCompanion.Pipeline;

namespace CodexCompanion.Tool.CommandLine;

/// <summary>One argument that begins with a dash, read as an option.</summary>
/// <param name="Token">The option; null when <paramref name="Error"/> is set.</param>
/// <param name="TookNext">Whether the argument after it is its value.</param>
/// <param name="Error">Why it is no option.</param>
internal readonly record struct OptionReading(OptionToken? Token, bool TookNext, UsageError? Error)
{
    /// <summary>Reads <c>--name</c>, <c>--name=value</c>, <c>--name value</c>, <c>-n</c>, <c>-nvalue</c> or <c>-n value</c>.</summary>
    public static OptionReading Of(string argument, string? next, OptionTable table) =>
        argument.StartsWith("--", StringComparison.Ordinal) ? Long(argument, next, table) : Short(argument, next, table);

    private static OptionReading Long(string argument, string? next, OptionTable table)
    {
        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? argument[2..] : argument[2..equals];
        var value = equals < 0 ? null : argument[(equals + 1)..];
        return table.TryFind(name, out var option) ? WithValue(option, value, next, table) : Bad(Unknown("--" + name, table));
    }

    private static OptionReading Short(string argument, string? next, OptionTable table)
    {
        if (!table.TryFind(argument[1], out var option))
            return Bad(Unknown(argument, table));

        var value = argument.Length == 2 ? null : argument[2..];
        if (value is not null && !option.TakesValue)
            return Bad(Unknown(argument, table));

        // -m=x and -mx mean the same.
        return WithValue(option, value is ['=', ..] ? value[1..] : value, next, table);
    }

    private static OptionReading WithValue(OptionSpec option, string? value, string? next, OptionTable table)
    {
        if (!option.TakesValue)
        {
            return value is null
                ? new OptionReading(new OptionToken(option, Value: null), TookNext: false, Error: null)
                : Bad(new UsageError($"{option.Display} takes no value."));
        }

        if (value is not null)
            return new OptionReading(new OptionToken(option, value), TookNext: false, Error: null);

        // The next option is no value: "--model --write" forgot one. "--model=--write" says otherwise.
        if (next is null || table.TryRecognise(next, out _, out _))
            return Bad(new UsageError($"{option.Display} needs a value ({option.ValueName})."));
        return new OptionReading(new OptionToken(option, next), TookNext: true, Error: null);
    }

    private static UsageError Unknown(string written, OptionTable table)
    {
        // A whole sentence that begins with a dash is text somebody forgot to set apart, not a misspelt option.
        var shown = written.Length > 40 || written.AsSpan().ContainsAny(" \t\r\n") ? written.Split([' ', '\t', '\r', '\n'], 2)[0] : written;
        var meant = Suggestion.For(shown, table.Displays);
        return new UsageError(
            $"Unknown option '{shown}'.",
            meant is not null ? $"Did you mean '{meant}'?" : table.BeforeText ? "Text that begins with a dash goes after '--'." : null);
    }

    private static OptionReading Bad(UsageError error) => new(Token: null, TookNext: false, error);
}
