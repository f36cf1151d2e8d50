using System.Reflection;
using System.Text.Json;
using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Jobs;
using Xunit;

namespace CodexCompanion.Tool.Tests.Jobs;

/// <summary>What a run tells, on its way into the record: written behind its back, and seldom.</summary>
public sealed class JobJournalTests : IDisposable
{
    private const string Id = "task-one";

    private readonly ToolBench _bench = new();
    private readonly IStateStore _store;
    private readonly SlowWriting _slow;

    public JobJournalTests()
    {
        _bench.Store.CreateJob(new JobRecord { Id = Id, Status = JobStatus.Running, Phase = "starting" });
        _store = DispatchProxy.Create<IStateStore, SlowWriting>();
        _slow = (SlowWriting)(object)_store;
        _slow.Inner = _bench.Store;
    }

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task What_happens_during_a_writing_goes_into_the_next_all_of_it_at_once()
    {
        var journal = new JobJournal(_store, Id, Task.CompletedTask, TimeProvider.System);
        journal.On(new RunEvent.ThreadKnown("T-1", "model-1", Effort: null) { Sandbox = SandboxMode.ReadOnly });
        await _slow.Begun.Task;

        journal.On(new RunEvent.TurnAccepted("T-1", "turn-1"));
        foreach (var phase in (string[])["reading", "editing", "verifying"])
            journal.On(new RunEvent.Progress(phase, $"It is {phase}."));
        _slow.Release.SetResult();

        Assert.Null(await journal.EndAsync(job => job with { Status = JobStatus.Completed, Rendered = job.Phase }));
        Assert.InRange(_slow.Writings, 2, 3);
        var job = _bench.Store.ReadJob(Id).Value!;
        Assert.Equal(("T-1", "turn-1", "model-1", "read-only", "verifying"), (job.ThreadId, job.TurnId, job.Model, job.Sandbox, job.Rendered));
        Assert.Contains("It is editing.", File.ReadAllText(_bench.Store.Paths.JobLog(Id)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_disk_refused_is_written_with_the_next()
    {
        _slow.Release.SetResult();
        _slow.Refuse = true;
        var journal = new JobJournal(_store, Id, Task.CompletedTask, TimeProvider.System);
        journal.On(new RunEvent.ThreadKnown("T-1", Model: null, Effort: null));
        await _slow.Refused.Task;

        Assert.Null(await journal.EndAsync(job => job with { Status = JobStatus.Completed }));
        var job = _bench.Store.ReadJob(Id).Value!;
        Assert.Equal((JobStatus.Completed, "T-1"), (job.Status, job.ThreadId));
    }

    [Fact]
    public async Task An_end_that_cannot_be_written_is_told_in_a_sentence()
    {
        _slow.Release.SetResult();
        _slow.Refuse = true;
        Assert.Equal("The disk is full.", await new JobJournal(_store, Id, Task.CompletedTask, TimeProvider.System).EndAsync(job => job with { Status = JobStatus.Completed }));
    }

    [Fact]
    public async Task What_only_a_watcher_wants_to_know_is_written_along_with_other_things_or_soon()
    {
        _slow.Release.SetResult();
        var time = new ManualTime();
        var journal = new JobJournal(_store, Id, Task.CompletedTask, time);
        journal.On(new RunEvent.Progress("reading", "It is reading."));
        await LoggedAsync(journal, "and more was said");
        journal.On(Count(1));
        await LoggedAsync(journal, "and counted");
        Assert.Equal(0, _slow.Writings);

        await UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(250)); // Again and again: when the journal begins to wait is its own affair.
            return _bench.Store.ReadJob(Id).Value is { Phase: "reading", Usage: { } usage } && usage.GetInt32() == 1;
        });
        Assert.Equal(1, _slow.Writings);

        journal.On(Count(2));
        journal.On(new RunEvent.TurnAccepted("T-1", "turn-1"));
        await UntilAsync(() => _bench.Store.ReadJob(Id).Value?.TurnId == "turn-1");
        journal.On(Count(3));
        Assert.Null(await journal.EndAsync(job => job));
        Assert.Equal((3, 3), (_slow.Writings, _bench.Store.ReadJob(Id).Value?.Usage?.GetInt32()));
    }

    private static RunEvent.Counted Count(int tokens) => new(JsonSerializer.SerializeToElement(tokens));

    private async Task LoggedAsync(JobJournal journal, string line)
    {
        journal.On(new RunEvent.Progress(Phase: null, line));
        await UntilAsync(() => File.Exists(_bench.Store.Paths.JobLog(Id)) && File.ReadAllText(_bench.Store.Paths.JobLog(Id)).Contains(line, StringComparison.Ordinal));
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!condition())
            await Task.Delay(5, limit.Token);
    }

    /// <summary>A store whose first change of a job takes as long as the test likes.</summary>
    public class SlowWriting : DispatchProxy
    {
        internal IStateStore Inner { get; set; } = null!;

        internal TaskCompletionSource Begun { get; } = new();

        internal TaskCompletionSource Release { get; } = new();

        internal TaskCompletionSource Refused { get; } = new();

        internal bool Refuse { get; set; }

        internal int Writings { get; private set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            if (targetMethod!.Name is nameof(IStateStore.UpdateJob) or nameof(IStateStore.EndJob))
            {
                Writings++;
                Begun.TrySetResult();
                Release.Task.Wait(TimeSpan.FromSeconds(60));
                if (Refuse)
                {
                    Refuse = false;
                    Refused.SetResult();
                    throw new StateStoreException(StateFailure.Disk, "The disk is full.");
                }
            }

            return targetMethod.Invoke(Inner, args);
        }
    }
}
