using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Rendering;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace CodexCompanion.Tool.Watching;

/// <summary>Draws the watch: the table, the open log, and a line of keys. Everything that came from elsewhere is text, never markup.</summary>
internal static class WatchPage
{
    // The headings, and the two lines below the table.
    private const int Frame = 3;

    // Blanks between two columns.
    private const int Gap = 2;

    // As much of a log as tells what goes on, on a classic terminal beside a few jobs.
    private const int LogLines = 10;

    /// <summary>Draws it.</summary>
    /// <param name="state">What is to be seen.</param>
    /// <param name="width">Columns of the terminal.</param>
    /// <param name="height">Lines of the terminal.</param>
    public static IRenderable Of(WatchState state, int width, int height)
    {
        var logLines = Math.Clamp(height - Frame - 2, 0, LogLines); // One line at least is the selected job's, one the rule's.
        var log = logLines > 0 && state is { LogIsOpen: true, Selected: { } open } ? WatchedJobs.LogOf(open, logLines) : null;
        var room = Math.Max(1, height - Frame - (log is null ? 0 : logLines + 1));
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
        // A screenful that has the selected one on it.
        var at = state.Rows.ToList().FindIndex(row => row == state.Selected);
        var rows = state.Rows.Skip(Math.Max(0, Math.Min(at - (room / 2), state.Rows.Count - room))).Take(room).ToList();
        (string Heading, Func<WatchRow, string> Part)[] columns =
        [
            ("", row => row == state.Selected ? ">" : " "),
            ("Job", row => row.Job.Id),
            ("Kind", row => Plain.OneLine(row.View.KindLabel)),
            ("Phase", row => row.Phase),
            ("Elapsed", row => row.Elapsed),
            ("Tokens", row => row.Tokens),
            ("Last line", row => row.LastLine),
        ];

        // Each column is as wide as it needs; the last gets what is left, and on a narrow terminal those at the right make room.
        var table = new Table { Border = TableBorder.None, Expand = false };
        var left = width - 1;
        var widths = new int[columns.Length];
        for (var i = 0; i < columns.Length; i++)
        {
            var wanted = Math.Max(columns[i].Heading.Length, rows.Max(row => Plain.Columns(columns[i].Part(row))));
            widths[i] = Math.Clamp(wanted, 0, Math.Max(0, left - Gap));
            left -= widths[i] + Gap;
            if (widths[i] > 0)
                table.AddColumn(new TableColumn(new Text(Plain.Fit(columns[i].Heading, widths[i]), new Style(decoration: Decoration.Dim))) { Width = widths[i], Padding = new Padding(0, 0, Gap, 0), NoWrap = true });
        }

        foreach (var row in rows)
        {
            var decoration = row == state.Selected ? Decoration.Bold : Decoration.None;
            table.AddRow(columns.Zip(widths).Where(column => column.Second > 0).Select(column => new Text(
                Plain.Fit(column.First.Part(row), column.Second),
                new Style(column.First.Heading == "Phase" ? ColourOf(row.Job.Status) : Color.Default, decoration: decoration))));
        }

        return table;
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
