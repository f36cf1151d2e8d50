using System.Threading.Channels;
using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Records;

namespace CodexCompanion.Tool.Jobs;

/// <summary>
/// Writes what a run tells into its job's record and log, in order, behind the run's back: a turn never waits for a disk, and a disk
/// that refuses never costs a turn. What happens while the record is being written goes into the next writing, all of it at once, and so does
/// what could not be written.
/// </summary>
internal sealed class JobJournal : IRunObserver
{
    // A count of tokens comes with every answer of the model, mostly just before the end: it alone is worth a disk's wait once in a while, for those who watch.
    private static readonly TimeSpan CountedOnceIn = TimeSpan.FromSeconds(1);

    private readonly IStateStore _store;
    private readonly string _jobId;
    private readonly TimeProvider _time;
    private readonly Channel<RunEvent> _events = Channel.CreateUnbounded<RunEvent>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Task _pump;
    private string? _phase;
    private Func<JobRecord, JobRecord>? _unwritten;
    private bool _isDue;
    private long _writtenAt;

    /// <summary>Starts writing.</summary>
    public JobJournal(IStateStore store, string jobId, TimeProvider time)
    {
        _store = store;
        _jobId = jobId;
        _time = time;
        _writtenAt = time.GetTimestamp();
        _pump = Task.Run(PumpAsync);
    }

    /// <inheritdoc/>
    public void On(RunEvent happened) => _events.Writer.TryWrite(happened);

    /// <summary>Writes what is left and, in the same writing, the end. Nothing is taken after this.</summary>
    /// <param name="last">What the end changes.</param>
    /// <returns>Why it could not be recorded, in a sentence; null when everything was.</returns>
    public async Task<string?> EndAsync(Func<JobRecord, JobRecord> last)
    {
        _events.Writer.TryComplete();
        await _pump;
        Change(last);
        return WriteRecord();
    }

    private async Task PumpAsync()
    {
        while (await _events.Reader.WaitToReadAsync())
        {
            while (_events.Reader.TryRead(out var happened))
                Take(happened);
            if (_isDue && !_events.Reader.Completion.IsCompleted)
                WriteRecord();
        }
    }

    private void Take(RunEvent happened)
    {
        switch (happened)
        {
            case RunEvent.ThreadKnown known:
                Change(job => job with
                {
                    ThreadId = known.ThreadId,
                    Model = known.Model ?? job.Model,
                    Effort = known.Effort ?? job.Effort,
                    AppServer = known.Place.AppServer,
                    BrokerEndpoint = known.Place.BrokerEndpoint,
                });
                Log($"Thread ready ({known.ThreadId}).");
                break;
            case RunEvent.TurnAccepted accepted:
                Change(job => job with { ThreadId = accepted.ThreadId, TurnId = accepted.TurnId });
                Log($"Turn started ({accepted.TurnId}).");
                break;
            case RunEvent.Progress progress:
                if (progress.Phase is { } phase && phase != _phase)
                {
                    _phase = phase;
                    Change(job => job with { Phase = phase });
                }

                Log(progress.Line);
                break;
            case RunEvent.Block block:
                Log($"{block.Title}\n{block.Body}");
                break;
            case RunEvent.Note note:
                Log(note.Sentence);
                break;
            case RunEvent.Counted counted:
                Change(job => job with { Usage = counted.Usage }, isDue: _time.GetElapsedTime(_writtenAt) >= CountedOnceIn);
                break;
            case RunEvent.Trail trail:
                Log(TrailLine.Of(trail.Entry));
                break;
            default:
                throw new InvalidOperationException("A run's events are closed.");
        }
    }

    private void Log(string text) => _store.AppendJobLog(_jobId, text);

    // What is not due waits for what is.
    private void Change(Func<JobRecord, JobRecord> change, bool isDue = true)
    {
        _unwritten = _unwritten is { } before ? job => change(before(job)) : change;
        _isDue |= isDue;
    }

    private string? WriteRecord()
    {
        if (_unwritten is not { } change)
            return null;
        try
        {
            var read = _store.UpdateJob(_jobId, change);
            (_unwritten, _isDue, _writtenAt) = (null, false, _time.GetTimestamp());
            return read.Value is null ? read.Detail ?? "Its record has gone." : null;
        }
        catch (Exception refused)
        {
            return refused.Message; // Whatever it is, it must not cost the turn; the command tells it at the end.
        }
    }
}
