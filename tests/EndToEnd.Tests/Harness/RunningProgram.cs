using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace CodexCompanion.EndToEnd.Tests.Harness;

/// <summary>How a program ended and what it said.</summary>
internal sealed record ProgramRun(string Command, int ExitCode, string Output, string Error, TimeSpan Time)
{
    public override string ToString() => $"$ {Command}\nexit code {ExitCode} after {Time.TotalMilliseconds:0} ms\n--- stdout\n{Output}--- stderr\n{Error}---";
}

/// <summary>
/// A program started with exactly the arguments and the environment given, its output captured. Killed on disposal if it is still running. All of
/// its output has to end with it: a child that holds its stdout or stderr open is a failure.
/// </summary>
internal sealed class RunningProgram : IAsyncDisposable
{
    // What is in the pipes when the program has ended arrives at once; longer means that somebody else holds them open.
    private static readonly TimeSpan PipeLimit = TimeSpan.FromSeconds(5);

    private readonly Process _process;
    private readonly string _command;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();
    private readonly Task _reading;

    static RunningProgram() => Signals.HeedInterrupts();

    private RunningProgram(Process process, string command)
    {
        _process = process;
        _command = command;
        _reading = Task.WhenAll(CopyAsync(process.StandardOutput, _output), CopyAsync(process.StandardError, _error));
    }

    public int Pid => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>What it has written to stdout so far.</summary>
    public string OutputSoFar => Snapshot(_output);

    /// <summary>What it has written to stderr so far.</summary>
    public string ErrorSoFar => Snapshot(_error);

    public static RunningProgram Start(string path, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, string directory, string? input = null)
    {
        var start = new ProcessStartInfo(path)
        {
            WorkingDirectory = directory,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment.Clear();
        foreach (var (name, value) in environment)
            start.Environment[name] = value;

        var process = Process.Start(start) ?? throw new InvalidOperationException($"{path} did not start");
        var program = new RunningProgram(process, string.Join(' ', [path, .. start.ArgumentList]));
        program.Feed(input ?? "");
        return program;
    }

    public void Send(Signal signal) => Signals.Send(Pid, signal);

    /// <summary>Waits for its end and that of its output.</summary>
    public async Task<ProgramRun> EndAsync(TimeSpan? limit = null)
    {
        using var timer = new CancellationTokenSource(limit ?? TimeSpan.FromMinutes(2));
        try
        {
            await _process.WaitForExitAsync(timer.Token);
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException($"still running after {_clock.Elapsed.TotalSeconds:0} s: {_command}\n--- stdout\n{OutputSoFar}\n--- stderr\n{ErrorSoFar}", e);
        }

        var time = _clock.Elapsed;
        if (await Task.WhenAny(_reading, Task.Delay(PipeLimit)) != _reading)
            throw new TimeoutException($"ended, but somebody holds its stdout or stderr open: {_command}");
        await _reading;
        return new ProgramRun(_command, _process.ExitCode, OutputSoFar, ErrorSoFar, time);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Signals.Send(Pid, Signal.Kill);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Feed(string input)
    {
        try
        {
            _process.StandardInput.Write(input);
            _process.StandardInput.Close();
        }
        catch (Exception e) when (e is IOException or Win32Exception)
        {
            // It has ended without reading its input, which is its own business.
        }
    }

    private static async Task CopyAsync(StreamReader from, StringBuilder to)
    {
        var buffer = new char[4096];
        int read;
        while ((read = await from.ReadAsync(buffer)) > 0)
            lock (to)
                to.Append(buffer, 0, read);
    }

    private static string Snapshot(StringBuilder text)
    {
        lock (text)
            return text.ToString();
    }
}
