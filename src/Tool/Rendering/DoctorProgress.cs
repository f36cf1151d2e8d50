using CodexCompanion.Tool.Commands;

namespace CodexCompanion.Tool.Rendering;

/// <summary>Says on stderr what doctor looks at when that takes long. A quick run shows nothing.</summary>
internal sealed class DoctorProgress : IAsyncDisposable
{
    // Below this nobody wonders.
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(1);

    private readonly ToolHost _host;
    private readonly ITimer? _timer;
    private readonly Lock _gate = new();
    private ProgressView? _view;
    private string _current = "";
    private bool _over;

    /// <summary>Starts waiting.</summary>
    public DoctorProgress(ToolHost host, bool json)
    {
        _host = host;
        if (!json)
            _timer = host.Time.CreateTimer(_ => Show(), state: null, Slow, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What is looked at now.</summary>
    public void Watch(string what)
    {
        lock (_gate)
        {
            _current = what;
            _view?.Line("looking at", what);
        }
    }

    /// <summary>Stops showing.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_timer is not null)
            await _timer.DisposeAsync();
        ProgressView? view;
        lock (_gate)
        {
            _over = true;
            view = _view;
        }

        if (view is not null)
            await view.DisposeAsync();
    }

    private void Show()
    {
        lock (_gate)
        {
            if (_over)
                return;
            // A file or a pipe gets the one line; a line for each check would be noise there.
            if (!_host.Streams.ErrorIsTerminal())
            {
                _host.Streams.WriteErrorLine($"still looking: {_current} …");
                return;
            }

            _view = ProgressView.For(_host.Streams, _host.Variables, _host.Time, json: false);
            _view.Line("looking at", _current);
        }
    }
}
