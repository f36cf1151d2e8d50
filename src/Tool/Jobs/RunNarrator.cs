using CodexCompanion.Pipeline.Turns;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Jobs;

/// <summary>Passes what a run tells on to the journal and to whoever watches stderr, and keeps the notes for the result.</summary>
internal sealed class RunNarrator(string jobId, JobJournal journal, ProgressView view, StandardStreams streams, bool json, bool verbose)
    : IRunObserver
{
    private readonly Lock _gate = new();
    private readonly List<string> _notes = [];
    private bool _launched;

    /// <summary>What had to be done to get the result, a sentence each, in order.</summary>
    public IReadOnlyList<string> Notes
    {
        get
        {
            lock (_gate)
                return [.. _notes];
        }
    }

    /// <summary>The thread; null while it is not known.</summary>
    public string? ThreadId { get; private set; }

    /// <inheritdoc/>
    public void On(RunEvent happened)
    {
        lock (_gate)
        {
            journal.On(happened);
            switch (happened)
            {
                case RunEvent.ThreadKnown known:
                    Launch(known.ThreadId);
                    break;
                case RunEvent.TurnAccepted accepted:
                    Launch(accepted.ThreadId);
                    break;
                case RunEvent.Progress progress:
                    view.Line(progress.Phase, progress.Line);
                    break;
                case RunEvent.Note note:
                    _notes.Add(note.Sentence);
                    view.Note(NoteLine.Of(note.Sentence));
                    break;
                case RunEvent.Trail trail when verbose:
                    view.Note(TrailLine.Of(trail.Entry));
                    break;
            }
        }
    }

    /// <summary>Says something that is no part of the result.</summary>
    public void Say(Remark remark)
    {
        lock (_gate)
        {
            journal.On(new RunEvent.Progress(Phase: null, remark.Line));
            if (remark.Shown)
                view.Note(remark.Line);
        }
    }

    /// <summary>Says, once, what is needed to find job and thread again should this process be killed.</summary>
    private void Launch(string threadId)
    {
        ThreadId = threadId;
        if (_launched)
            return;
        _launched = true;
        if (json)
            streams.WriteErrorLine(JsonText.Line(new LaunchJson(jobId, threadId), ToolJson.Default.LaunchJson));
        else
            view.Note($"Job {jobId}, Codex thread {threadId}.");
    }
}
