using System.Text;
using CodexCompanion.Tool.Doctor;

namespace CodexCompanion.Tool.Rendering;

/// <summary>A run of doctor for people: grouped, aligned, under each problem what was done or one remedy to paste.</summary>
/// <param name="style">How it may look.</param>
/// <param name="home">The user's home, written as ~; null when there is none.</param>
/// <param name="verbose">Whether to show all evidence.</param>
internal sealed class DoctorText(DoctorStyle style, string? home, bool verbose)
{
    // As many as fit into a screen together with the rest; --verbose and --json have all.
    private const int MostShown = 5;

    // mark, name and what parts them
    private const int NameWidth = 17;
    private const int DetailIndent = 8;

    private readonly StringBuilder _text = new();

    /// <summary>The whole report.</summary>
    public string Of(DoctorReport report)
    {
        Head(report);
        var ofUser = report.Checks.Where(check => check.Workspace is null).ToList();
        if (report.Site.Everywhere)
            Everywhere(report, ofUser);
        else
            Groups([.. report.Checks]);
        Foot(report);
        return _text.ToString();
    }

    /// <summary>The list of checks.</summary>
    public string Of(IReadOnlyList<IDoctorCheck> checks)
    {
        foreach (var group in checks.GroupBy(check => check.Category))
        {
            Line(style.Bold(Title(group.Key)));
            foreach (var check in group)
                Folded("  " + check.Id.PadRight(NameWidth) + "  ", 2 + NameWidth + 2, check.About + (check.StartsPrograms ? " (starts programs; not in a dry run)" : ""));
        }

        return _text.ToString();
    }

    private void Head(DoctorReport report)
    {
        var site = report.Site;
        var parts = new List<string> { style.Bold("codex-companion doctor") + (site.Mode == DoctorMode.DryRun ? " --dry-run" : "") };
        if (site.Everywhere)
            parts.Add($"{Words.Count(site.Workspaces.Count, "workspace")}   state {Clean(site.Root ?? "(none)")}");
        else if (site.Here is { } here)
            parts.Add($"workspace {Clean(here.Name)}   state {Clean(here.Store.Paths.Directory)}");
        else
            parts.Add(site.Root is { } root ? $"no directory   state {Clean(root)}" : "no state directory");
        var oneLine = string.Join("   ", parts);
        if (style.Width is { } width && DoctorStyle.Visible(oneLine) > width)
            oneLine = string.Join("\n", parts[0], "  " + string.Join("\n  ", parts[1].Split("   ")));
        Line(oneLine);
    }

    private void Everywhere(DoctorReport report, List<CheckReport> ofUser)
    {
        Groups(ofUser);
        var healthy = 0;
        foreach (var group in report.Checks.Where(check => check.Workspace is not null).GroupBy(check => check.Workspace!))
        {
            var worth = group.Where(check => check.Status is not (CheckStatus.Ok or CheckStatus.Skipped)).ToList();
            if (worth.Count == 0 && !verbose)
            {
                healthy++;
                continue;
            }

            Line("");
            Line(style.Bold(Clean(group.Key.Name)) + style.Dim($"   {Path.GetFileName(group.Key.Store.Paths.Directory)}"));
            Groups(verbose ? [.. group] : worth, titles: false);
        }

        if (healthy == 0)
            return;
        Line("");
        Line($"  {style.Mark(CheckStatus.Ok)}  {(healthy == 1 ? "1 workspace is" : $"{healthy} workspaces are")} healthy");
    }

    private void Groups(List<CheckReport> checks, bool titles = true)
    {
        foreach (var group in checks.GroupBy(check => check.Check.Category))
        {
            if (titles)
                Line(style.Bold(Title(group.Key)));
            foreach (var check in group)
                Check(check);
        }
    }

    private void Check(CheckReport check)
    {
        var message = check.Status is CheckStatus.Skipped ? style.Dim(Clean(check.Message)) : Clean(check.Message);
        Folded($"  {style.Mark(check.Status)}  {check.Check.Id.PadRight(NameWidth)} ", 2 + 2 + 2 + NameWidth + 1, message);
        if (check.Findings.Count > 1)
            Several(check.Findings);
        else if (check.Findings is [var only] && verbose)
            Details(only.Finding.Evidence, "  ");
        if (verbose && (check.Findings.Count == 0 || check.Status == CheckStatus.Crashed))
            Details(check.Evidence, "  ");
        Outcomes(check.Findings);
    }

    private void Several(IReadOnlyList<FindingReport> findings)
    {
        foreach (var report in verbose ? findings : findings.Take(MostShown))
        {
            Detail("- ", Clean(report.Finding.Message));
            if (verbose)
                Details(report.Finding.Evidence, "    ");
        }

        if (!verbose && findings.Count > MostShown)
            Detail("", style.Dim($"… and {findings.Count - MostShown} more (--verbose shows all)"));
    }

    private void Outcomes(IReadOnlyList<FindingReport> findings)
    {
        foreach (var (phrase, count) in Counted(findings.Select(f => f.Done).OfType<string>()))
            Detail(style.Good("repaired: "), count == 1 ? phrase : phrase == "removed" ? $"removed {count}" : $"{phrase} ({count} times)");
        foreach (var (why, count) in Counted(findings.Select(f => f.Failure).OfType<string>()))
            Detail(style.Bad("not repaired: "), count == 1 ? why : $"{why} ({count} times)");
        foreach (var group in findings.Where(f => f.IsLeft && f.Failure is null).GroupBy(f => f.Finding.Remedy.Kind))
        {
            var word = group.Key switch
            {
                RepairKind.Safe => "would be repaired: ",
                RepairKind.Risky => "with --force: ",
                _ => "to do: ",
            };
            foreach (var (planned, count) in Counted(group.Select(f => f.Finding.Remedy.Planned)))
                Detail(style.Warn(word), count == 1 ? planned : $"{planned} ({count} times)");
            Commands(group);
        }
    }

    private void Commands(IEnumerable<FindingReport> findings)
    {
        var commands = findings.SelectMany(f => f.Finding.Remedy.Commands).Distinct(StringComparer.Ordinal).ToList();
        foreach (var command in verbose ? commands : commands.Take(MostShown))
            Line($"{new string(' ', DetailIndent)}{style.Dim("$ ")}{style.Bold(Plain.OneLine(command))}"); // Never folded: it is there to be pasted.
        if (!verbose && commands.Count > MostShown)
            Detail("", style.Dim($"… and {commands.Count - MostShown} more (--verbose shows all)"));
    }

    private void Foot(DoctorReport report)
    {
        Line("");
        var parts = new List<string> { $"{report.Count(CheckStatus.Ok)} ok", $"{report.Count(CheckStatus.Repaired)} repaired" };
        if (report.Count(CheckStatus.Warning) is > 0 and var warnings)
            parts.Add(warnings == 1 ? "1 warning" : $"{warnings} warnings");
        if (report.Count(CheckStatus.Skipped) is > 0 and var skipped)
            parts.Add($"{skipped} skipped");
        if (report.Count(CheckStatus.Crashed) is > 0 and var crashed)
            parts.Add($"{crashed} crashed");
        parts.Add(report.Left > 0 ? style.Bad($"{report.Left} left") : "0 left");
        Folded("", 2, $"{(report.Checks.Count == 1 ? "1 check" : $"{report.Checks.Count} checks")}: {string.Join(", ", parts)}");

        var findings = report.Checks.SelectMany(check => check.Findings).Where(f => f.IsLeft).ToList();
        if (report.Site.Mode == DoctorMode.DryRun && findings.Exists(f => f.Finding.Remedy.Kind == RepairKind.Safe))
            Folded("", 2, $"Nothing was changed. To put right what is safe: {style.Bold(report.Site.Again())}");
        if (report.Journal is not null)
            Folded("", 2, $"To take this back: {style.Bold("codex-companion doctor --undo")}");
    }

    private void Details(IReadOnlyList<string> lines, string indent)
    {
        foreach (var line in lines)
            Detail(indent, style.Dim(Clean(line)));
    }

    private void Detail(string lead, string text) =>
        Folded(new string(' ', DetailIndent) + lead, DetailIndent + 2, text);

    /// <summary>A lead and a text; on a terminal the text is folded under itself.</summary>
    private void Folded(string lead, int indent, string text)
    {
        if (style.Width is not { } width)
        {
            Line(lead + text);
            return;
        }

        // On a narrow terminal a column of text would be too thin to read: it goes below.
        var goesBelow = width - indent < 30 && indent > DetailIndent + 2;
        if (goesBelow)
            indent = DetailIndent - 2;
        var line = new StringBuilder(lead);
        var used = DoctorStyle.Visible(lead);
        if (goesBelow && used > indent && used + DoctorStyle.Visible(text) > width)
        {
            Line(lead.TrimEnd());
            line.Clear().Append(' ', indent);
            used = indent;
        }

        foreach (var word in text.Split(' '))
        {
            var length = DoctorStyle.Visible(word);
            if (used + length >= width && used > indent)
            {
                Line(line.ToString().TrimEnd());
                line.Clear().Append(' ', indent);
                used = indent;
            }

            line.Append(word).Append(' ');
            used += length + 1;
        }

        Line(line.ToString().TrimEnd());
    }

    private IEnumerable<(string Phrase, int Count)> Counted(IEnumerable<string> phrases) =>
        phrases.Select(Clean).GroupBy(phrase => phrase, StringComparer.Ordinal).Select(group => (group.Key, group.Count()));

    private static string Title(CheckCategory category) => category.ToString();

    // What stands in a file must not steer the terminal.
    private string Clean(string text) => Short(Plain.OneLine(text));

    private string Short(string text) => home is { Length: > 1 } ? text.Replace(home + "/", "~/", StringComparison.Ordinal) : text;

    private void Line(string line) => _text.Append(line).Append('\n');
}
