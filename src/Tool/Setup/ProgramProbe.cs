using System.Text;
using CodexCompanion.Pipeline.Processes;
using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.Tool.Setup;

/// <summary>Runs a program for a moment to see what it says.</summary>
internal static class ProgramProbe
{
    // A version is a line, a complaint a few.
    private const int MostBytes = 16 * 1024;

    /// <summary>Runs it.</summary>
    /// <param name="start">What to run.</param>
    /// <param name="processes">Tells its identity.</param>
    /// <param name="limit">When it is ended.</param>
    /// <param name="time">The clock.</param>
    /// <returns>Its exit code (null when it did not end by itself), and the begin of its two outputs.</returns>
    public static async Task<(int? ExitCode, string Output, string Errors)> RunAsync(ChildStart start, IProcessTable processes, TimeSpan limit, TimeProvider time)
    {
        if (ChildProcess.Start(start, processes) is not ChildStartResult.Started { Child: var child })
            return (null, "", $"{start.Path} could not be started.");
        using (child)
        {
            child.EndInput();
            var output = ReadAsync(child.Output);
            var errors = ReadAsync(child.ErrorOutput);
            await Task.WhenAny(Task.WhenAll(child.Exited, output, errors), Task.Delay(limit, time));
            if (!child.Exited.IsCompleted)
                child.Kill();
            var exit = await child.Exited;
            return (exit.Code, output.IsCompleted ? await output : "", errors.IsCompleted ? await errors : "");
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
