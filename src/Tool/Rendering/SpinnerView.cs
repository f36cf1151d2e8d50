namespace CodexCompanion.Tool.Rendering;

/// <summary>One line on a terminal that is written over: a turning mark, the time so far, the phase and the newest line.</summary>
internal sealed class SpinnerView : ProgressView
{
    private const string Frames = "|/-\\";
    private const string Erase = "\r\u001b[2K";
    private const string Dim = "\u001b[2m";
    private const string Normal = "\u001b[0m";

    // Eight a second: it visibly turns and costs nothing.
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(125);

    private readonly StandardStreams _streams;
    private readonly TimeProvider _time;
    private readonly bool _colour;
    private readonly long _started;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private string _phase = "starting";
    private string _line = "";
    private int _frame;
    private bool _over;

    /// <summary>Starts turning.</summary>
    public SpinnerView(StandardStreams streams, TimeProvider time, bool colour)
    {
        _streams = streams;
        _time = time;
        _colour = colour;
        _started = time.GetTimestamp();
        _timer = time.CreateTimer(_ => Draw(), state: null, Turn, Turn);
    }

    /// <inheritdoc/>
    public override void Line(string? phase, string line)
    {
        lock (_gate)
        {
            _phase = phase is null ? _phase : Plain.OneLine(phase);
            _line = Plain.OneLine(line);
        }
    }

    /// <inheritdoc/>
    public override void Note(string line)
    {
        lock (_gate)
            _streams.WriteError($"{(_over ? "" : Erase)}{Plain.OneLine(line)}\n");
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        lock (_gate)
        {
            if (!_over)
                _streams.WriteError(Erase);
            _over = true;
        }
    }

    /// <summary>Time as a person says it: 42s, 3m 5s, 1h 2m.</summary>
    internal static string Elapsed(TimeSpan time) => time switch
    {
        { TotalMinutes: < 1 } => $"{time.Seconds}s",
        { TotalHours: < 1 } => $"{time.Minutes}m {time.Seconds}s",
        _ => $"{(int)time.TotalHours}h {time.Minutes}m",
    };

    private void Draw()
    {
        lock (_gate)
        {
            if (_over)
                return;
            var elapsed = Elapsed(_time.GetElapsedTime(_started));
            var head = $"{Frames[_frame++ % Frames.Length]} {elapsed} ";
            var text = _line.Length == 0 ? _phase : $"{_phase}: {_line}";
            // The last column stays free: some terminals wrap as soon as it is written.
            var fitted = Plain.Fit(text, Math.Max(0, _streams.ErrorWidth() - 1 - head.Length));
            _streams.WriteError(_colour ? $"{Erase}{Dim}{head}{Normal}{fitted}" : $"{Erase}{head}{fitted}");
        }
    }
}
