using System.Globalization;
using System.Text;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Doctor.Journal;

/// <summary>
/// What a run of doctor does, written down before it is done: a file of its own below the state root, one JSON object a line. A run that
/// finds nothing leaves no journal. Called by one repair at a time.
/// </summary>
internal sealed class RepairJournal
{
    /// <summary>The folder of the journals, below the state root.</summary>
    public const string FolderName = "doctor";

    /// <summary>How their names end.</summary>
    public const string Extension = ".jsonl";

    private const string StampFormat = "yyyyMMdd'T'HHmmss.fff'Z'";

    private readonly string? _root;
    private readonly INativeDisk _disk;
    private readonly TimeProvider _time;
    private readonly List<JournalStep> _steps = [];
    private bool _isPrepared;

    /// <summary>Makes one; writes nothing yet.</summary>
    /// <param name="root">The state root; null when there is none, and so no repair that needs a journal.</param>
    /// <param name="disk">The disk.</param>
    /// <param name="time">The clock.</param>
    public RepairJournal(string? root, INativeDisk disk, TimeProvider time)
    {
        _root = root;
        _disk = disk;
        _time = time;
        if (root is not null)
        {
            FilePath = PathAt(time.GetUtcNow().UtcDateTime);
        }
    }

    /// <summary>The journal's file, which need not exist; null without a state root.</summary>
    public string? FilePath { get; private set; }

    /// <summary>Whether anything was written.</summary>
    public bool WasUsed { get; private set; }

    /// <summary>The steps that were done, in order.</summary>
    public IReadOnlyList<JournalStep> Steps => _steps;

    /// <summary>Writes a step down, does it, and writes down that it was done.</summary>
    /// <exception cref="StateStoreException">It cannot be written down, and so was not done.</exception>
    public void Do(JournalStep step, Action act)
    {
        Begin(step);
        act();
        Done(step);
    }

    /// <summary>Writes down what is about to be done.</summary>
    /// <exception cref="StateStoreException">It cannot be written down.</exception>
    public void Begin(JournalStep step)
    {
        try
        {
            Write(step, "begin");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What cannot be undone needs no journal; and on a full disk, removing is what helps.
            if (step.CanBeUndone)
                throw new StateStoreException(StateFailure.Disk, $"The journal of repairs cannot be written: {e.Message}", e);
        }
    }

    /// <summary>Writes down that it was done.</summary>
    public void Done(JournalStep step)
    {
        _steps.Add(step with { WasDone = true });
        try
        {
            Write(step, "done");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Undoing looks at what is there, not only at this word.
        }
    }

    private void Write(JournalStep step, string state)
    {
        if (FilePath is null || _root is null)
            throw new IOException("there is no state root.");
        if (!_isPrepared && Prepare() is { } sentence)
            throw new IOException(sentence);
        _isPrepared = true;
        var line = new JournalLineJson(
            _time.GetUtcNow().UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
            state,
            step.Check,
            step.Kind.ToString(),
            step.Workspace,
            step.Path,
            step.Kept,
            step.ModeBefore);
        try
        {
            _disk.Append(FilePath, Encoding.UTF8.GetBytes(JsonText.Line(line, ToolJson.Default.JournalLineJson) + "\n"));
            WasUsed = true;
        }
        catch (IOException) when (!WasUsed)
        {
            RemoveEmpty(FilePath);
            throw;
        }
    }

    // A full disk takes the name of a file and no line.
    private static void RemoveEmpty(string path)
    {
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: 0 })
                File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // An empty journal says nothing, and does no harm.
        }
    }

    private string? Prepare()
    {
        var folder = Path.Combine(_root!, FolderName);
        if ((PrivateDirectory.Ensure(_disk, _root!) ?? PrivateDirectory.Ensure(_disk, folder)) is { } sentence)
            return sentence;

        // The last name is the last run, also when the clock was set back since the one before.
        var newest = Directory.EnumerateFiles(folder, "*" + Extension).Select(Path.GetFileName).Max(StringComparer.Ordinal);
        if (string.CompareOrdinal(newest, Path.GetFileName(FilePath)) > 0
            && DateTime.TryParseExact(newest!.Split('-')[0], StampFormat, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var last))
            FilePath = PathAt(last.AddMilliseconds(1));
        return null;
    }

    private string PathAt(DateTime time) =>
        Path.Combine(_root!, FolderName, $"{time.ToString(StampFormat, CultureInfo.InvariantCulture)}-{Environment.ProcessId}{Extension}");
}

/// <summary>One line of a journal.</summary>
internal sealed record JournalLineJson(
    string Time, string State, string Check, string Kind, string? Workspace, string Path, string? Kept, string? ModeBefore);
