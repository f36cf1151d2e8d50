using CodexCompanion.Tool.Jobs;

namespace CodexCompanion.Tool.Watching;

/// <summary>What a key led to.</summary>
internal enum WatchWish
{
    /// <summary>Nothing that is not shown already.</summary>
    None,

    /// <summary>The watch is to end.</summary>
    Quit,

    /// <summary>The selected job is to be cancelled; it was asked for twice.</summary>
    Cancel,
}

/// <summary>What stands on the screen besides the jobs: which one is selected, whether its log is open, what is asked or told.</summary>
internal sealed class WatchState
{
    private string? _selected;

    /// <summary>The jobs as they stand.</summary>
    public IReadOnlyList<WatchRow> Rows { get; private set; } = [];

    /// <summary>The selected one; null when there is none.</summary>
    public WatchRow? Selected => Rows.FirstOrDefault(row => row.Job.Id == _selected) ?? (Rows.Count > 0 ? Rows[0] : null);

    /// <summary>Whether the selected job's log is shown.</summary>
    public bool LogIsOpen { get; private set; }

    /// <summary>The job whose cancel waits for a yes; null for none.</summary>
    public WatchRow? ToConfirm { get; private set; }

    /// <summary>What became of the last wish; null for nothing to tell.</summary>
    public string? Message { get; set; }

    /// <summary>Takes the jobs over. The selection stays with its job, wherever that stands now.</summary>
    public void Show(IReadOnlyList<WatchRow> rows)
    {
        Rows = rows;
        _selected ??= Selected?.Job.Id;
    }

    /// <summary>Does what a key asks for.</summary>
    public WatchWish Press(ConsoleKeyInfo key)
    {
        if (ToConfirm is not null)
        {
            var yes = key.KeyChar is 'y' or 'Y';
            Message = yes ? null : "Nothing was cancelled.";
            return yes ? WatchWish.Cancel : Forget();
        }

        switch (key)
        {
            case { KeyChar: 'q' or 'Q' } or { Key: ConsoleKey.Escape }:
                return WatchWish.Quit;
            case { Key: ConsoleKey.DownArrow } or { KeyChar: 'j' }:
                return Move(1);
            case { Key: ConsoleKey.UpArrow } or { KeyChar: 'k' }:
                return Move(-1);
            case { KeyChar: 'l' or 'L' } or { Key: ConsoleKey.Enter }:
                LogIsOpen = !LogIsOpen;
                return WatchWish.None;
            case { KeyChar: 'c' or 'C' }:
                return Ask();
            default:
                return WatchWish.None;
        }
    }

    /// <summary>The job whose cancel was confirmed; asked once.</summary>
    public FoundJob? TakeConfirmed()
    {
        var job = ToConfirm?.Found;
        ToConfirm = null;
        return job;
    }

    private WatchWish Ask()
    {
        ToConfirm = Selected is { Job.IsFinished: false } row ? row : null;
        Message = ToConfirm is null ? "There is nothing to cancel: the job has ended." : null;
        return WatchWish.None;
    }

    private WatchWish Forget()
    {
        ToConfirm = null;
        return WatchWish.None;
    }

    private WatchWish Move(int by)
    {
        var at = Rows.ToList().FindIndex(row => row.Job.Id == Selected?.Job.Id);
        if (Rows.Count > 0)
            _selected = Rows[Math.Clamp(at + by, 0, Rows.Count - 1)].Job.Id;
        return WatchWish.None;
    }
}
