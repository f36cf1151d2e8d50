using System.Runtime.InteropServices;
using CodexCompanion.Pipeline.Processes;

namespace CodexCompanion.Tool.Jobs;

/// <summary>The signals that end a foreground run.</summary>
internal interface IStopSignals : IDisposable
{
    /// <summary>Cancelled by the first signal.</summary>
    CancellationToken Stop { get; }

    /// <summary>Number of the signal that came; null while none has.</summary>
    int? Signal { get; }
}

/// <summary>
/// SIGINT, SIGTERM and SIGHUP: the first asks the run to stop, a second one ends the process at once, by the system's own doing.
/// </summary>
internal sealed class PosixStopSignals : IStopSignals
{
    // Numbers that POSIX fixes for these three.
    private const int Hangup = 1;
    private const int Interrupt = 2;
    private const int Terminate = 15;

    private readonly CancellationTokenSource _stop = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private int _signal;

    /// <summary>Starts listening.</summary>
    public PosixStopSignals()
    {
        Listen(PosixSignal.SIGINT, Interrupt);
        Listen(PosixSignal.SIGTERM, Terminate);
        if (!OperatingSystem.IsLinux() || !LinuxSignals.IsIgnored(Hangup)) // Under nohup it is not ours to hear. Linux tells; elsewhere it is taken as usual.
            Listen(PosixSignal.SIGHUP, Hangup);
    }

    /// <inheritdoc/>
    public CancellationToken Stop => _stop.Token;

    /// <inheritdoc/>
    public int? Signal => _signal == 0 ? null : _signal;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _stop.Dispose();
    }

    private void Listen(PosixSignal signal, int number) => _registrations.Add(PosixSignalRegistration.Create(signal, context =>
    {
        // Not cancelled a second time, the signal does what it does by default: it ends the process.
        if (Interlocked.CompareExchange(ref _signal, number, 0) != 0)
            return;
        context.Cancel = true;
        // On another thread: what is hung on the token must not keep the next signal waiting.
        _ = Task.Run(_stop.Cancel);
    }));
}
