using CodexCompanion.Tool.Jobs;
using CodexCompanion.Tool.Rendering;
using Spectre.Console;

namespace CodexCompanion.Tool.Watching;

/// <summary>The watch on a terminal: a live table that keys steer. Its library is loaded by nothing else.</summary>
internal sealed class WatchScreen(JobScope scope, WatchedJobs jobs)
{
    // Twenty looks at the keyboard a second feel immediate; the jobs are looked at once a second, or as soon as a key was pressed.
    private static readonly TimeSpan LookAtKeys = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LookAtJobs = TimeSpan.FromSeconds(1);

    // Where the terminal does not tell its height: the classic one.
    private const int UsualHeight = 24;

    // xterm's sequences for the other screen and back, which every terminal of today knows.
    private const string OwnScreen = "\u001b[?1049h\u001b[H";
    private const string ScreenBefore = "\u001b[?1049l";

    private readonly WatchState _state = new();
    private Task<string>? _cancelling;

    /// <summary>Watches until a key or a signal ends it.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var console = ConsoleOf(scope);

        // A screen of its own: what stood on the terminal before stands there again afterwards.
        console.Write(new ControlCode(OwnScreen));
        try
        {
            await WatchAsync(console, stop);
        }
        finally
        {
            console.Write(new ControlCode(ScreenBefore));
        }
    }

    private async Task WatchAsync(IAnsiConsole console, CancellationToken stop) =>
        await console.Live(new Text("")).AutoClear(enabled: true).Overflow(VerticalOverflow.Crop).StartAsync(async live =>
        {
            while (!stop.IsCancellationRequested)
            {
                _state.Show(await jobs.LookAsync());
                if (_cancelling is { IsCompleted: true })
                {
                    _state.Message = await _cancelling;
                    _cancelling = null;
                }

                Draw(console, live);
                if (await KeysAsync(console, live, stop) == WatchWish.Quit)
                    return;
            }
        });

    private async Task<WatchWish> KeysAsync(IAnsiConsole console, LiveDisplayContext live, CancellationToken stop)
    {
        var begun = scope.Host.Time.GetTimestamp();
        while (!stop.IsCancellationRequested && scope.Host.Time.GetElapsedTime(begun) < LookAtJobs && _cancelling is not { IsCompleted: true })
        {
            while (Console.KeyAvailable)
            {
                var wish = _state.Press(Console.ReadKey(intercept: true));
                if (wish == WatchWish.Quit)
                    return wish;
                if (wish == WatchWish.Cancel && _state.TakeConfirmed() is { } job)
                    _cancelling = CancelAsync(job);
                Draw(console, live);
            }

            await Task.Delay(LookAtKeys, scope.Host.Time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return WatchWish.None;
    }

    private void Draw(IAnsiConsole console, LiveDisplayContext live)
    {
        var (width, height) = (scope.Host.Streams.OutputWidth(), Height());
        if ((console.Profile.Width, console.Profile.Height) != (width, height))
            console.Clear(); // What a terminal makes of the old lines when it is resized cannot be drawn over.
        (console.Profile.Width, console.Profile.Height) = (width, height);
        live.UpdateTarget(WatchPage.Of(_state, width, height));
    }

    private async Task<string> CancelAsync(FoundJob job)
    {
        _state.Message = $"Cancelling {job.Job.Id}…";
        return await scope.Canceller.CancelAsync(job.Store, job.Job) switch
        {
            JobCancel.Cancelled cancelled => $"{job.Job.Id}: {cancelled.Proof.Detail}",
            JobCancel.AlreadyEnded ended => $"{job.Job.Id} had ended already: {JobView.Word(ended.Job.Status)}.",
            JobCancel.Failed failed => failed.Error.Message,
            _ => throw new InvalidOperationException("A cancel is closed."),
        };
    }

    private static IAnsiConsole ConsoleOf(JobScope scope) => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Ansi = AnsiSupport.Yes,
        ColorSystem = Colour.IsWanted(scope.Host.Variables, isTerminal: true) ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
        Interactive = InteractionSupport.Yes,
        Out = new AnsiConsoleOutput(Console.Out),
    });

    private static int Height()
    {
        try
        {
            return Console.WindowHeight is > 0 and var height ? height : UsualHeight;
        }
        catch (IOException)
        {
            return UsualHeight; // Not a terminal after all.
        }
    }
}
