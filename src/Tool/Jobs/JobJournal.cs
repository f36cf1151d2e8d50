using System.Threading.Channels;
using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Configuration;

namespace CodexCompanion.Tool.Jobs;

/// <summary>
/// Writes what a run tells into its job's record and log, in order, behind the run's back: a turn never waits for a disk, and a disk
/// that refuses never costs a turn. What happens while the record is being written goes into the next writing, all of it at once, and so does
/// what could not be written. What a recovery needs (the thread, the turn) is written at once; what only somebody who watches wants to know (the
/// phase, tokens) may wait a little for company, since every writing waits for the disk, as the server's own do at the same time.
/// </summary>
internal sealed class JobJournal : IRunObserver
{
    // Nobody who watches sees the difference, and a short turn is over by then.
    private static readonly TimeSpan SoonEnough = TimeSpan.FromMilliseconds(250);

    private readonly IStateStore _store;
    private readonly string _jobId;
    private readonly Task _recorded;
    private readonly TimeProvider _time;
    private readonly Channel<Action> _toDo = Channel.CreateUnbounded<Action>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Task _pump;
    private string? _phase;
    private Func<JobRecord, JobRecord>? _unwritten;
    private bool _isUrgent;

    /// <summary>Starts writing.</summary>
    /// <param name="store">The workspace's state.</param>
    /// <param name="jobId">The job.</param>
    /// <param name="recorded">Completes when the job is recorded; nothing is written before, and nothing at all when it fails.</param>
    /// <param name="time">The clock.</param>
    public JobJournal(IStateStore store, string jobId, Task recorded, TimeProvider time)
    {
        _store = store;
        _jobId = jobId;
        _recorded = recorded;
        _time = time;
        _pump = Task.Run(PumpAsync);
    }

    /// <inheritdoc/>
    public void On(RunEvent happened) => _toDo.Writer.TryWrite(() => Take(happened));

    /// <summary>
    /// Somebody wants the run to end. That is written at once, as a cancel from outside is: should the process go before the run has ended (a second signal
    /// does that), its job was cancelled and did not fail.
    /// </summary>
    public void CancelRequested() => _toDo.Writer.TryWrite(() =>
    {
        Change(job => job with { CancelRequestedAt = job.CancelRequestedAt ?? _time.GetUtcNow(), Phase = "cancelling" });
        _isUrgent = true;
    });

    /// <summary>Writes what is left and, in the same writing, the end; what has been kept for long enough goes with it. Nothing is taken after this.</summary>
    /// <param name="last">What the end changes.</param>
    /// <returns>Why it could not be recorded, in a sentence; null when everything was.</returns>
    public async Task<string?> EndAsync(Func<JobRecord, JobRecord> last)
    {
        _toDo.Writer.TryComplete();
        await _pump;
        Change(last);
        return WriteRecord(change => _store.EndJob(_jobId, change, jobs => JobRetention.Expired(jobs, _time.GetUtcNow())));
    }

    private async Task PumpAsync()
    {
        await _recorded.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!_recorded.IsCompletedSuccessfully)
            return;
        while (await _toDo.Reader.WaitToReadAsync())
        {
            TakeAll();
            if (_unwritten is not null && !_isUrgent)
                await GatherAsync();
            if (!_toDo.Reader.Completion.IsCompleted)
                WriteRecord(change => _store.UpdateJob(_jobId, change)); // Otherwise the end is about to be written, with all of this.
        }
    }

    // Until something is urgent, the time is up or nothing more comes.
    private async Task GatherAsync()
    {
        using var enough = new CancellationTokenSource(SoonEnough, _time);
        try
        {
            while (!_isUrgent && await _toDo.Reader.WaitToReadAsync(enough.Token))
                TakeAll();
        }
        catch (OperationCanceledException)
        {
            // The time is up.
        }
    }

    private void TakeAll()
    {
        while (_toDo.Reader.TryRead(out var take))
            take();
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
                    Sandbox = known.Sandbox is { } sandbox ? ConfigWords.Of(sandbox) : job.Sandbox,
                    AppServer = known.Place.AppServer,
                    BrokerEndpoint = known.Place.BrokerEndpoint,
                });
                _isUrgent = true;
                Log($"Thread ready ({known.ThreadId}).");
                break;
            case RunEvent.TurnAccepted accepted:
                Change(job => job with { ThreadId = accepted.ThreadId, TurnId = accepted.TurnId });
                _isUrgent = true;
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
                Log(NoteLine.Of(note.Sentence));
                break;
            case RunEvent.Counted counted:
                Change(job => job with { Usage = counted.Usage });
                break;
            case RunEvent.Trail trail:
                Log(TrailLine.Of(trail.Entry));
                break;
            default:
                throw new InvalidOperationException("A run's events are closed.");
        }
    }

    private void Log(string text) => _store.AppendJobLog(_jobId, text);

    private void Change(Func<JobRecord, JobRecord> change) =>
        _unwritten = _unwritten is { } before ? job => change(before(job)) : change;

    private string? WriteRecord(Func<Func<JobRecord, JobRecord>, StateRead<JobRecord>> write)
    {
        if (_unwritten is not { } change)
            return null;
        try
        {
            var read = write(change);
            (_unwritten, _isUrgent) = (null, false);
            return read.Value is null ? read.Detail ?? "Its record has gone." : null;
        }
        catch (Exception refused)
        {
            return refused.Message; // Whatever it is, it must not cost the turn; the command tells it at the end.
        }
    }
}
