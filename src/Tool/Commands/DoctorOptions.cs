using CodexCompanion.Pipeline;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Doctor;

namespace CodexCompanion.Tool.Commands;

/// <summary>The options of <c>doctor</c>.</summary>
internal static class DoctorOptions
{
    /// <summary>Look only.</summary>
    public static OptionSpec DryRun { get; } = new("dry-run", OptionArity.Flag, "Only look and report: change not one byte, start and signal nothing.");

    /// <summary>The default, as a word.</summary>
    public static OptionSpec Fix { get; } = new("fix", OptionArity.Flag, "Put right what is provably safe. This is the default.");

    /// <summary>Also what is risky.</summary>
    public static OptionSpec Force { get; } = new("force", OptionArity.Flag, "Also end a mute broker and orphaned processes, each by its identity.");

    /// <summary>Everywhere.</summary>
    public static OptionSpec All { get; } = new("all", OptionArity.Flag, "Every workspace of yours, and what the Node runtime left behind.");

    /// <summary>Some checks only.</summary>
    public static OptionSpec Check { get; } = new("check", OptionArity.Repeated, "Only this check. May be repeated.") { ValueName = "ID", Choices = () => CheckCatalog.Create().Select(check => check.Id) };

    /// <summary>Which checks there are.</summary>
    public static OptionSpec ListChecks { get; } = new("list-checks", OptionArity.Flag, "List the checks and do nothing else.");

    /// <summary>Take back.</summary>
    public static OptionSpec Undo { get; } = new("undo", OptionArity.Flag, "Take back what the last doctor repaired.");

    /// <summary>For a bug report.</summary>
    public static OptionSpec Bundle { get; } =
        new("bundle", OptionArity.Value, "Write what a maintainer needs into a zip file; prompts, results, tokens and addresses are left out.") { ValueName = "FILE.zip" };

    /// <summary>Copy the Node runtime's jobs.</summary>
    public static OptionSpec ImportLegacy { get; } =
        new("import-legacy", OptionArity.Flag, "Copy the Node runtime's finished jobs of this workspace into our state; with --all, of every workspace.");

    /// <summary>All of them, in the order of the help text.</summary>
    public static IReadOnlyList<OptionSpec> Table { get; } = [DryRun, Fix, Force, All, Check, ListChecks, Undo, Bundle, ImportLegacy];

    /// <summary>What may be done, or why the options contradict each other.</summary>
    public static (DoctorMode Mode, CommandError? Error) ModeOf(GivenOptions options)
    {
        if (options.Has(DryRun) && options.Has(Fix))
            return (default, CommandError.Usage("--dry-run changes nothing and --fix does: give one of them."));
        if (options.Has(Undo) && (options.Has(DryRun) || options.Has(Fix) || options.Has(Force) || options.Has(All) || options.Has(Check) || options.Has(Bundle) || options.Has(ImportLegacy)))
            return (default, CommandError.Usage("--undo takes back the last run as a whole, and goes with none of the other options."));
        if (options.Has(ImportLegacy) && (options.Has(Force) || options.Has(Check) || options.Has(Bundle)))
            return (default, CommandError.Usage("--import-legacy copies jobs and does nothing else; it goes with --all and --dry-run."));

        // A bundle tells what is there: mending it first would destroy the evidence.
        if (options.Has(Bundle) && (options.Has(Fix) || options.Has(Force)))
            return (default, CommandError.Usage("--bundle only looks; give --fix or --force in a run of its own."));
        return (options.Has(DryRun) || options.Has(Bundle) ? DoctorMode.DryRun : options.Has(Force) ? DoctorMode.Force : DoctorMode.Repair, null);
    }

    /// <summary>The checks that are asked for.</summary>
    public static Attempt<IReadOnlyList<IDoctorCheck>> Choose(IReadOnlyList<string> names)
    {
        var all = CheckCatalog.Create();
        var known = all.Select(check => check.Id).ToList();
        if (names.FirstOrDefault(name => !known.Contains(name, StringComparer.Ordinal)) is { } unknown)
        {
            var meant = Suggestion.For(unknown, known) is { } near ? $" Did you mean {near}?" : "";
            return CommandError.Usage($"There is no check named \"{unknown}\".{meant}", "codex-companion doctor --list-checks lists them.");
        }

        return new Attempt<IReadOnlyList<IDoctorCheck>>(names.Count == 0 ? all : [.. all.Where(check => names.Contains(check.Id, StringComparer.Ordinal))], Error: null);
    }
}
