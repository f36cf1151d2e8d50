using System.Text;
using CodexCompanion.Pipeline.Processes;
using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.Tool.Setup;

/// <summary>What came of running a program for a moment: closed, one of three.</summary>
internal abstract record ProgramEnd
{
    private ProgramEnd()
    {
    }

    /// <summary>It ended by itself.</summary>
    /// <param name="Exit">How.</param>
    /// <param name="Output">The begin of its output.</param>
    /// <param name="Errors">The begin of its error output.</param>
    internal sealed record Ended(ChildExit Exit, string Output, string Errors) : ProgramEnd;

    /// <summary>It did not within its limit, and was ended.</summary>
    internal sealed record Late : ProgramEnd;

    /// <summary>It could not be started, for the reason in one sentence.</summary>
    internal sealed record NotStarted(string Reason) : ProgramEnd;
}

/// <summary>Runs a program for a moment to see what it says.</summary>
internal static class ProgramProbe
{
    // A version is a line, a complaint a few.
    private const int MostBytes = 16 * 1024;

    /// <summary>Runs it. It does not outlive this, however this ends.</summary>
    /// <param name="start">What to run.</param>
    /// <param name="processes">Tells its identity.</param>
    /// <param name="limit">When it is ended.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Ends it, and this with an <see cref="OperationCanceledException"/>.</param>
    public static async Task<ProgramEnd> RunAsync(
        ChildStart start, IProcessTable processes, TimeSpan limit, TimeProvider time, CancellationToken cancellation = default)
    {
        var started = ChildProcess.Start(start, processes);
        if (started is not ChildStartResult.Started { Child: var child })
            return new ProgramEnd.NotStarted(((ChildStartResult.Failed)started).Reason);
        using (child)
        {
            child.EndInput();
            var output = ReadAsync(child.Output);
            var errors = ReadAsync(child.ErrorOutput);
            try
            {
                await Task.WhenAll(child.Exited, output, errors).WaitAsync(limit, time, cancellation);
            }
            catch (TimeoutException) when (!child.Exited.IsCompleted)
            {
                return new ProgramEnd.Late();
            }
            catch (TimeoutException)
            {
                // It has ended; what it left behind holds its output open.
            }
            finally
            {
                child.Kill(); // Does nothing to one that has ended.
            }

            return new ProgramEnd.Ended(await child.Exited, output.IsCompleted ? await output : "", errors.IsCompleted ? await errors : "");
        }
    }

    private static async Task<string> ReadAsync(Stream stream)
    {
        using var content = new MemoryStream();
        var buffer = new byte[4096];
        try
        {
            int read;
            while ((read = await stream.ReadAsync(buffer)) > 0)
            {
                if (content.Length < MostBytes)
                    content.Write(buffer, 0, read);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // It was ended in mid-write: what came is what there is.
        }

        return Encoding.UTF8.GetString(content.ToArray());
    }
}
