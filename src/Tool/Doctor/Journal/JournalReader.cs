using System.Text.Json;
using CodexCompanion.StateStore.Disk;

namespace CodexCompanion.Tool.Doctor.Journal;

/// <summary>A journal that an earlier run left.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Steps">The steps that were at least begun, in order.</param>
/// <param name="WasUndone">Whether it was taken back already.</param>
internal sealed record PastJournal(string Path, IReadOnlyList<JournalStep> Steps, bool WasUndone);

/// <summary>Reads journals. A line that was cut short by a kill is passed over.</summary>
internal static class JournalReader
{
    private const long Largest = 16 * 1024 * 1024;

    /// <summary>The word of the line that says a journal was taken back.</summary>
    public const string UndoneState = "undone";

    /// <summary>The newest journal that was not taken back; null when there is none.</summary>
    public static PastJournal? Newest(string root)
    {
        var folder = System.IO.Path.Combine(root, RepairJournal.FolderName);
        if (!Directory.Exists(folder))
            return null;
        return Directory.EnumerateFiles(folder, "*" + RepairJournal.Extension)
            .OrderDescending(StringComparer.Ordinal)
            .Where(IsJournal)
            .Select(Read)
            .FirstOrDefault(journal => journal is { WasUndone: false, Steps.Count: > 0 });
    }

    // A run writes some hundred bytes for each repair; what is far larger, or no file, is no journal of ours.
    private static bool IsJournal(string path) => NativeDisk.Instance.Look(path) is { Kind: FileKind.Regular, Size: < Largest };

    /// <summary>Reads one.</summary>
    public static PastJournal Read(string path)
    {
        var steps = new List<JournalStep>();
        var undone = false;
        foreach (var line in File.ReadLines(path))
        {
            var (state, step, time) = Parse(line);
            undone |= state == UndoneState;
            if (state == "begin" && step is not null)
                steps.Add(step);
            else if (state == "done" && steps.LastIndexOf(step!) is >= 0 and var at)
                steps[at] = steps[at] with { WasDone = true, DoneAt = time };
        }

        return new PastJournal(path, steps, undone);
    }

    private static (string? State, JournalStep? Step, DateTimeOffset? Time) Parse(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            var state = Text(root, "state");
            var time = root.TryGetProperty("time", out var said) && said.ValueKind == JsonValueKind.String && said.TryGetDateTimeOffset(out var at) ? at : (DateTimeOffset?)null;
            return Text(root, "check") is { } check && Enum.TryParse<StepKind>(Text(root, "kind"), out var kind) && Text(root, "path") is { } path
                ? (state, new JournalStep(check, kind, path) { Kept = Text(root, "kept"), ModeBefore = Text(root, "modeBefore"), Workspace = Text(root, "workspace") }, time)
                : (state, null, time);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return (null, null, null); // Cut short, or not ours.
        }
    }

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
