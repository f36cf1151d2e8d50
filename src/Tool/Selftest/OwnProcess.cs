using System.Text;
using CodexCompanion.Pipeline.Processes;

namespace CodexCompanion.Tool.Selftest;

/// <summary>A run of this very program, with all it said.</summary>
/// <param name="Exit">How it ended; null when its time was over and it was killed.</param>
/// <param name="Output">Its stdout.</param>
/// <param name="ErrorOutput">Its stderr.</param>
internal sealed record OwnProcess(ChildExit? Exit, string Output, string ErrorOutput)
{
    /// <summary>Runs it to its end, or kills it when its time is over or the self-test is asked to stop.</summary>
    public static async Task<OwnProcess> RunAsync(
        Sandbox sandbox, IReadOnlyList<string> arguments, TimeSpan limit, CancellationToken cancellation)
    {
        using var child = Start(sandbox, arguments);
        child.EndInput();
        var output = ReadAsync(child.Output);
        var errors = ReadAsync(child.ErrorOutput);
        try
        {
            var exit = await child.Exited.WaitAsync(limit, sandbox.Time, cancellation);
            return new OwnProcess(exit, await output, await errors);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            child.Kill();
            await child.Exited;
            cancellation.ThrowIfCancellationRequested();
            return new OwnProcess(Exit: null, await output, await errors);
        }
    }

    /// <summary>Starts it; its input stays open.</summary>
    /// <exception cref="IOException">The system refused.</exception>
    public static ChildProcess Start(Sandbox sandbox, IReadOnlyList<string> arguments) =>
        ChildProcess.Start(sandbox.Start(arguments), sandbox.Processes) switch
        {
            ChildStartResult.Started { Child: var child } => child,
            ChildStartResult.Failed { Reason: var reason } => throw new IOException(reason),
            _ => throw new InvalidOperationException("A start is closed."),
        };

    private static async Task<string> ReadAsync(Stream stream)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8, detectEncodingFromByteOrderMarks: false, leaveOpen: true);
        return await reader.ReadToEndAsync();
    }
}
