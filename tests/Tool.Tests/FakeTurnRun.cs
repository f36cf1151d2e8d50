using CodexCompanion.Pipeline.Turns;
using CodexCompanion.Tool.Jobs;

namespace CodexCompanion.Tool.Tests;

/// <summary>A run by script.</summary>
internal sealed class FakeTurnRun : ITurnRun
{
    public const string Thread = "0199a213-81c0-7800-8aa1-bbab2a035a53";
    public const string Turn = "0199a213-81c0-7800-8aa1-bbab2a035a54";

    /// <summary>What it was asked; null when it was never called.</summary>
    public TurnRequest? Request { get; private set; }

    public TurnRunSetup? Setup { get; set; }

    /// <summary>What it does.</summary>
    public Func<TurnRequest, IRunObserver, CancellationToken, Task<Outcome>> Script { get; set; } = (_, observer, _) =>
    {
        TellOfThread(observer);
        return Task.FromResult<Outcome>(new Outcome.Completed(Result()));
    };

    public static void TellOfThread(IRunObserver observer)
    {
        observer.On(new RunEvent.ThreadKnown(Thread, "gpt-5.2", "medium"));
        observer.On(new RunEvent.TurnAccepted(Thread, Turn));
    }

    public static TurnResult Result(string text = "All done.") => new()
    {
        FinalText = text,
        ThreadId = Thread,
        TurnId = Turn,
        Model = "gpt-5.2",
        Effort = "medium",
        TouchedFiles = ["src/a.cs"],
        ReasoningSummary = ["Looked at it."],
    };

    /// <summary>Ends at once, like this.</summary>
    public void EndWith(Outcome outcome) => Script = (_, observer, _) =>
    {
        TellOfThread(observer);
        return Task.FromResult(outcome);
    };

    public async Task<Outcome> RunAsync(TurnRequest request, IRunObserver observer, CancellationToken stop)
    {
        if (Setup is not null)
            await Setup.Recorded; // As the pipeline does.
        Request = request;
        return await Script(request, observer, stop);
    }

    /// <summary>What happens while its last thread is let go.</summary>
    public Action Leave { get; set; } = () => { };

    public ValueTask DisposeAsync()
    {
        Leave();
        return ValueTask.CompletedTask;
    }
}

/// <summary>Signals sent by a test.</summary>
internal sealed class FakeStopSignals : IStopSignals
{
    private readonly CancellationTokenSource _stop = new();

    public CancellationToken Stop => _stop.Token;

    public int? Signal { get; private set; }

    public void Send(int signal)
    {
        Signal = signal;
        _stop.Cancel();
    }

    public void Dispose()
    {
        // The token is still looked at by the test.
    }
}
