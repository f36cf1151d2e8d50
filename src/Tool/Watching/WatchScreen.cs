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

    // xterm's sequences, which every terminal of today knows: the other screen without a cursor, and back, with the usual arrow keys, which the runtime
    // changes when it reads keys and leaves changed; the upper left corner; the rest of the line, and of the screen, is blank.
    private const string OwnScreen = "\u001b[?1049h\u001b[?25l";
    private const string ScreenBefore = "\u001b[?1l\u001b>\u001b[?25h\u001b[?1049l";
    private const string Home = "\u001b[H";
    private const string ClearLine = "\u001b[K";
    private const string ClearBelow = "\u001b[J";

    private readonly WatchState _state = new();
    private readonly List<(string JobId, Task<string> Told)> _cancels = [];
    private (int Width, int Height) _drawn;

    /// <summary>Watches until a key or a signal ends it.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        // A screen of its own: what stood on the terminal before stands there again afterwards.
        Console.Out.Write(OwnScreen);
        try
        {
            while (!stop.IsCancellationRequested)
            {
                _state.Show(await jobs.LookAsync());
                if (_cancels.FindIndex(HasEnded) is >= 0 and var ended)
                {
                    _state.Message = await _cancels[ended].Told;
                    _cancels.RemoveAt(ended);
                }

                Draw();
                if (await KeysAsync(stop) == WatchWish.Quit)
                    return;
            }
        }
        finally
        {
            Console.Out.Write(ScreenBefore);
            await FinishCancelsAsync();
        }
    }

    // What was confirmed is done, and said, though the watch is over: half of a cancel may leave a job that does not end. Each has a limit of its own.
    private async Task FinishCancelsAsync()
    {
        foreach (var (jobId, told) in _cancels)
        {
            if (!told.IsCompleted)
                Console.Out.WriteLine($"Cancelling {jobId}…");
            Console.Out.WriteLine(Plain.OneLine(await told));
        }
    }

    private async Task<WatchWish> KeysAsync(CancellationToken stop)
    {
        var begun = scope.Host.Time.GetTimestamp();
        while (!stop.IsCancellationRequested && scope.Host.Time.GetElapsedTime(begun) < LookAtJobs && !_cancels.Exists(HasEnded))
        {
            while (Console.KeyAvailable)
            {
                var wish = _state.Press(Console.ReadKey(intercept: true));
                if (wish == WatchWish.Quit)
                    return wish;
                if (wish == WatchWish.Cancel && _state.TakeConfirmed() is { } job)
                    _cancels.Add((job.Job.Id, CancelAsync(job)));
                Draw();
            }

            if (_drawn != Size())
                Draw();
            await Task.Delay(LookAtKeys, scope.Host.Time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return WatchWish.None;
    }

    // The whole page in one write, over the one before: nothing flickers, and it does not matter what a resized terminal made of the old lines.
    private void Draw()
    {
        var (width, height) = _drawn = Size();
        using var text = new StringWriter { NewLine = "\n" };
        var console = ConsoleOf(scope, text);
        (console.Profile.Width, console.Profile.Height) = (width, height);
        console.Write(WatchPage.Of(_state, width, height));
        var lines = text.ToString().TrimEnd('\n').Split('\n');
        Console.Out.Write(Home + string.Join(ClearLine + "\r\n", lines.Take(height)) + ClearLine + ClearBelow);
    }

    private static bool HasEnded((string JobId, Task<string> Told) cancel) => cancel.Told.IsCompleted;

    private (int Width, int Height) Size() => (scope.Host.Streams.OutputWidth(), Height());

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

    private static IAnsiConsole ConsoleOf(JobScope scope, TextWriter text) => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Ansi = AnsiSupport.Yes,
        ColorSystem = Colour.IsWanted(scope.Host.Variables, isTerminal: true) ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
        Interactive = InteractionSupport.Yes,
        Out = new AnsiConsoleOutput(text),
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
