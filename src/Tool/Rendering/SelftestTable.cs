using System.Globalization;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Selftest;

namespace CodexCompanion.Tool.Rendering;

/// <summary>The self-test as a table that grows with each row that ends.</summary>
/// <param name="streams">Where it goes.</param>
/// <param name="colour">Whether its marks are coloured.</param>
internal sealed class SelftestTable(StandardStreams streams, bool colour)
{
    private const string Green = "\u001b[32m";
    private const string Red = "\u001b[31m";
    private const string Yellow = "\u001b[33m";
    private const string Normal = "\u001b[0m";

    /// <summary>The lines above the table.</summary>
    /// <param name="version">Version of the tool.</param>
    /// <param name="system">Operating system, architecture and runtime.</param>
    /// <param name="rows">How many rows there will be.</param>
    /// <param name="tasks">How many tasks they have together.</param>
    public void Begin(string version, string system, int rows, int tasks)
    {
        Say($"codex-companion {version} selftest on {system}");
        Say($"{tasks} tasks in {(rows == 1 ? "one situation" : $"{rows} situations")}, through the real pipeline and broker, on the built-in simulated app-server.");
        Say("No Codex, no login, no tokens are used.");
        Print("");
        Print(Line("", "situation", "tasks", "faults", "effects", "time", ""));
    }

    /// <summary>One row.</summary>
    public void Add(RowResult row)
    {
        if (row.Status == RowStatus.Skipped)
        {
            Print(Line(Mark(row.Status), row.Name, "-", "-", "-", "-", row.Detail ?? ""));
            return;
        }

        Print(Line(
            Mark(row.Status),
            row.Name,
            string.Create(CultureInfo.InvariantCulture, $"{row.Passed}/{row.Tasks}"),
            row.FaultsFired.ToString(CultureInfo.InvariantCulture),
            row.SideEffects.ToString(CultureInfo.InvariantCulture),
            Seconds(row.Duration),
            row.Description));
        if (row.Status != RowStatus.Failed)
            return;
        Say($"        {row.Detail}");
        if (row.FirstFailure is not { } run)
            return;
        Say($"        {run.Call.Mark}: {run.Exit?.Description ?? "killed"}; all it said is in {run.LogFile}");
        foreach (var line in run.ErrorOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            Print("        | " + Plain.OneLine(line));
    }

    /// <summary>The lines below the table.</summary>
    public void Finish(SelftestEnd end, string? removalProblem)
    {
        var sum = SelftestSummary.Of(end);
        if (end.Folder is not null)
            Say($"Everything was kept in {end.Folder}");
        if (removalProblem is not null)
            Say(removalProblem);
        Say($"{sum.Passed} passed, {sum.Failed} failed, {sum.Control} lost what it must without recovery, {sum.Skipped} skipped; {sum.Tasks} tasks, {sum.FaultsFired} faults, {sum.SideEffects} side effects in {Seconds(end.Duration)}");
    }

    private static string Line(string mark, string name, string tasks, string faults, string effects, string time, string text) =>
        $"{mark,-7} {name,-17} {tasks,6} {faults,6} {effects,7} {time,7}  {text}".TrimEnd();

    private static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s");

    private static string Mark(RowStatus status) => status switch
    {
        RowStatus.Passed => "ok",
        RowStatus.Failed => "FAIL",
        RowStatus.Control => "control",
        _ => "skipped",
    };

    // A sentence goes on in the next line where a terminal is too narrow for it.
    private void Say(string sentence) =>
        Reporter.TryPrint(streams, streams.OutputIsTerminal() ? HelpLines.Fit(sentence, streams.OutputWidth() - 1) : sentence + "\n");

    // A line of the table, or of what a task said, is cut there.
    private void Print(string line)
    {
        if (streams.OutputIsTerminal())
            line = Plain.Fit(line, streams.OutputWidth() - 1);
        Reporter.TryPrint(streams, (colour ? Coloured(line) : line) + "\n");
    }

    // Marks stand at the begin of a line; the word stays behind the sign, for those who cannot tell colours apart.
    private static string Coloured(string line)
    {
        foreach (var (status, code) in (ReadOnlySpan<(RowStatus, string)>)
            [(RowStatus.Passed, Green), (RowStatus.Failed, Red), (RowStatus.Control, Green), (RowStatus.Skipped, Yellow)])
        {
            var mark = Mark(status);
            if (line.StartsWith(mark + " ", StringComparison.Ordinal))
                return $"{code}{mark}{Normal}{line[mark.Length..]}";
        }

        return line;
    }
}
