using CodexCompanion.Tool.CommandLine;

namespace CodexCompanion.Tool.Completion;

/// <summary>Finds what can stand next on a command line, from the tables that parse it.</summary>
/// <param name="root">The tool, with its commands below it.</param>
/// <param name="jobs">The jobs there are; told whether only such as still run make sense. Asked only when a job is wanted.</param>
internal sealed class Completer(CommandSpec root, Func<bool, IEnumerable<Candidate>> jobs)
{
    private static readonly string[] FileValues = ["FILE", "FILE.zip", "JSONL", "PATH"];

    /// <summary>The candidates for a word.</summary>
    /// <param name="before">The words before it, without the program.</param>
    /// <param name="word">What is there of it.</param>
    public IEnumerable<Candidate> For(IReadOnlyList<string> before, string word)
    {
        var (words, begun) = Joined(before, word);
        var place = Walk(words);
        if (place is null)
            return [];
        var all = place.Value.Awaiting is { } option ? Values(option)
            : place.Value.OptionsEnded ? []
            : begun.StartsWith('-') ? OptionWords(place.Value, begun)
            : Words(place.Value);
        return all.Where(candidate => candidate.Word[0] == ':' || candidate.Word.StartsWith(begun, StringComparison.Ordinal));
    }

    /// <summary>bash hands over <c>--scope=auto</c> as three words.</summary>
    private static (List<string> Before, string Word) Joined(IReadOnlyList<string> before, string word)
    {
        var words = before.Where(part => part != "=").ToList();
        return word == "=" ? (words, "") : (words, word);
    }

    private Place? Walk(List<string> words)
    {
        var place = new Place(root, new OptionTable([.. root.Options, .. GlobalOptions.All]), [], Words: 0, Awaiting: null, OptionsEnded: false);
        foreach (var word in words)
        {
            if (place.OptionsEnded)
                continue;
            if (place.Awaiting is not null)
                place = place with { Awaiting = null };
            else if (word == "--")
                place = place with { OptionsEnded = true };
            else if (word.Length > 1 && word[0] == '-')
                place = WithOption(place, word);
            else if (place.Command.Subcommands.Count > 0)
            {
                if (place.Command.Subcommands.FirstOrDefault(command => string.Equals(command.Name, word, StringComparison.Ordinal)) is not { } chosen)
                    return null;
                place = place with { Command = chosen, Table = chosen.Table };
            }
            else
            {
                // From the first word of free text on, everything is text.
                place = place with { Words = place.Words + 1, OptionsEnded = place.Command.FreeText };
            }
        }

        return place;
    }

    private static Place WithOption(Place place, string word)
    {
        if (!place.Table.TryRecognise(word, out var option, out var hasValue))
            return place;
        return place with { Given = [.. place.Given, option], Awaiting = option.TakesValue && !hasValue ? option : null };
    }

    // zsh and fish leave an option and its value in one word. A name of a file cannot be offered there, since the shell would match it against the whole.
    private static IEnumerable<Candidate> OptionWords(Place place, string begun) =>
        begun.IndexOf('=', StringComparison.Ordinal) is var end and > 0 && place.Table.TryRecognise(begun, out var option, out _)
            ? Values(option).Where(value => value.Word[0] != ':').Select(value => value with { Word = begun[..(end + 1)] + value.Word })
            : Options(place);

    private static IEnumerable<Candidate> Options(Place place) => place.Table.All
        .Where(option => option.Refusal is null && (option.Arity == OptionArity.Repeated || !place.Given.Contains(option)))
        .Select(option => new Candidate(option.Display, option.Description));

    private IEnumerable<Candidate> Words(Place place)
    {
        if (place.Command.Subcommands.Count > 0)
            return place.Command.Subcommands.Where(command => !command.Hidden).Select(command => new Candidate(command.Name, command.Summary));
        return TakesJob(place.Command) && place.Words < place.Command.MostWords ? jobs(place.Command.Name == "cancel") : [];
    }

    private static bool TakesJob(CommandSpec command) =>
        command.WordName?.Contains("job", StringComparison.OrdinalIgnoreCase) == true;

    private static IEnumerable<Candidate> Values(OptionSpec option)
    {
        var choices = option.Choices().Select(choice => new Candidate(choice, "")).ToList();
        if (choices.Count > 0)
            return choices;
        if (string.Equals(option.ValueName, "DIR", StringComparison.Ordinal))
            return [Candidate.Directories];
        return FileValues.Contains(option.ValueName, StringComparer.Ordinal) ? [Candidate.Files] : [];
    }

    /// <summary>Where on the line the word stands.</summary>
    /// <param name="Command">The command so far.</param>
    /// <param name="Table">Its options.</param>
    /// <param name="Given">Options given already.</param>
    /// <param name="Words">Words given already.</param>
    /// <param name="Awaiting">The option whose value comes next; null when none does.</param>
    /// <param name="OptionsEnded">Whether nothing but text follows.</param>
    private readonly record struct Place(
        CommandSpec Command, OptionTable Table, IReadOnlyList<OptionSpec> Given, int Words, OptionSpec? Awaiting, bool OptionsEnded);
}
