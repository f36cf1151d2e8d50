using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Rendering;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace CodexCompanion.Tool.Watching;

/// <summary>Draws the watch: the table, the open log, and a line of keys. Everything that came from elsewhere is text, never markup.</summary>
internal static class WatchPage
{
    // Heading, rule and the two lines below the table.
    private const int Frame = 5;

    // As much of a log as tells what goes on, on a classic terminal beside a few jobs.
    private const int LogLines = 10;

    /// <summary>Draws it.</summary>
    /// <param name="state">What is to be seen.</param>
    /// <param name="width">Columns of the terminal.</param>
    /// <param name="height">Lines of the terminal.</param>
    public static IRenderable Of(WatchState state, int width, int height)
    {
        var log = state is { LogIsOpen: true, Selected: { } open } ? WatchedJobs.LogOf(open, LogLines) : null;
        var room = Math.Max(1, height - Frame - (log is null ? 0 : LogLines + 1));
        var parts = new List<IRenderable> { state.Rows.Count == 0 ? new Text("No active jobs. New ones appear here.") : TableOf(state, width, room) };
        if (log is not null)
        {
            parts.Add(new Rule($"log of {Markup.Escape(state.Selected!.Job.Id)}") { Justification = Justify.Left, Style = Style.Parse("dim"), Border = BoxBorder.Ascii });
            parts.AddRange(log.Select(line => new Text(Plain.Fit(Plain.OneLine(line), width - 1))));
        }

        parts.Add(new Text(""));
        parts.Add(Foot(state, width));
        return new Rows(parts);
    }

    private static Table TableOf(WatchState state, int width, int room)
    {
        var table = new Table { Border = TableBorder.Simple, Expand = false };
        foreach (var heading in (string[])["", "Job", "Kind", "Phase", "Elapsed", "Tokens", "Last line"])
            table.AddColumn(new TableColumn(heading) { NoWrap = true });

        // A screenful that has the selected one on it.
        var at = state.Rows.ToList().FindIndex(row => row == state.Selected);
        var rows = state.Rows.Skip(Math.Max(0, Math.Min(at - (room / 2), state.Rows.Count - room))).Take(room).ToList();
        var fixedWidth = Longest(row => row.Job.Id) + Longest(row => row.View.KindLabel) + Longest(row => row.Phase) + "Elapsed".Length + "Tokens".Length;

        // Each of the seven columns has a blank at either side, and the mark of the selection one more.
        var lineWidth = Math.Max(8, width - fixedWidth - (7 * 2) - 3);
        foreach (var row in rows)
        {
            var style = row == state.Selected ? new Style(decoration: Decoration.Bold) : Style.Plain;
            table.AddRow(
                new Text(row == state.Selected ? ">" : " ", style),
                new Text(row.Job.Id, style),
                new Text(Plain.OneLine(row.View.KindLabel), style),
                new Text(row.Phase, new Style(ColourOf(row.Job.Status), decoration: style.Decoration)),
                new Text(row.Elapsed, style),
                new Text(row.Tokens, style),
                new Text(Plain.Fit(row.LastLine, lineWidth), style));
        }

        return table;

        int Longest(Func<WatchRow, string> part) => rows.Max(row => part(row).Length);
    }

    private static Text Foot(WatchState state, int width)
    {
        var keys = $"up/down select   l {(state.LogIsOpen ? "close" : "open")} log   c cancel   q quit";
        var text = state.ToConfirm is { } row ? $"Cancel {row.Job.Id}? y / n" : state.Message is { } told ? $"{told}   ({keys})" : keys;
        return new Text(Plain.Fit(Plain.OneLine(text), width - 1), state.ToConfirm is null ? new Style(decoration: Decoration.Dim) : new Style(Color.Yellow));
    }

    private static Color ColourOf(JobStatus status) => status switch
    {
        JobStatus.Completed => Color.Green,
        JobStatus.Failed => Color.Red,
        JobStatus.Cancelled => Color.Yellow,
        _ => Color.Default,
    };
}
