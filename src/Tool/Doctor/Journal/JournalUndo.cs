using System.Text;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Doctor.Journal;

/// <summary>What came of taking back the last run: closed, one of four.</summary>
internal abstract record UndoEnd
{
    private UndoEnd()
    {
    }

    /// <summary>There is no run to take back.</summary>
    internal sealed record Nothing : UndoEnd;

    /// <summary>Another doctor takes it back just now.</summary>
    internal sealed record Busy(string Sentence) : UndoEnd;

    /// <summary>The state cannot be written, so nothing can be taken back.</summary>
    internal sealed record Unusable(string Sentence) : UndoEnd;

    /// <summary>Taken back, as far as it could be.</summary>
    /// <param name="Journal">The journal's file.</param>
    /// <param name="Steps">Each step, the last one first.</param>
    internal sealed record TakenBack(string Journal, IReadOnlyList<UndoneStep> Steps) : UndoEnd;
}

/// <summary>Takes back the last run of doctor that repaired something, step by step from its end.</summary>
internal static class JournalUndo
{
    // Taking back takes milliseconds; who waits longer is told.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Takes it back and marks its journal, so that the next call takes back the run before.</summary>
    public static async Task<UndoEnd> RunAsync(ToolHost host, string root, INativeDisk disk)
    {
        if (JournalReader.Newest(root) is null)
            return new UndoEnd.Nothing();
        var undoLock = new FileLock(Path.Combine(root, RepairJournal.FolderName, "undo.lock"), disk, host.Processes(), host.Time);
        var attempt = await undoLock.AcquireAsync("doctor --undo", Patience, CancellationToken.None);
        if (attempt is LockAttempt.Unusable unusable)
            return new UndoEnd.Unusable(unusable.Reason);
        if (attempt is not LockAttempt.Acquired { Lock: var held })
            return new UndoEnd.Busy("Another doctor is taking repairs back just now.");
        using (held)
        {
            if (JournalReader.Newest(root) is not { } journal)
                return new UndoEnd.Nothing();
            var undo = new StepUndo(host, root, disk);
            var steps = journal.Steps.Reverse().Select(undo.Undo).ToList();
            Mark(journal.Path, host, disk);
            return new UndoEnd.TakenBack(journal.Path, steps);
        }
    }

    private static void Mark(string path, ToolHost host, INativeDisk disk)
    {
        var time = host.Time.GetUtcNow().UtcDateTime.ToString("O", System.Globalization.CultureInfo.InvariantCulture);
        var line = new JournalLineJson(time, JournalReader.UndoneState, "", "", Workspace: null, "", Kept: null, ModeBefore: null);
        disk.Append(path, Encoding.UTF8.GetBytes(JsonText.Line(line, ToolJson.Default.JournalLineJson) + "\n"));
    }
}
