using System.Diagnostics;
using System.Text;
using CodexCompanion.Tool.Selftest.Simulator.Threads;

namespace CodexCompanion.Tool.Selftest.Simulator.Turns;

/// <summary>A shell command of a turn: a process in a session of its own, as codex starts them, so that it outlives an interrupted turn.</summary>
internal sealed class RunningCommand
{
    /// <summary>The exit code codex reports for a command it ended itself.</summary>
    public const int EndedExitCode = -1;

    // What is still in the pipe after the shell has gone; a background process of the command may hold it open for ever.
    private static readonly TimeSpan LastOutput = TimeSpan.FromMilliseconds(200);

    private static readonly string[] SessionStarters = ["/usr/bin/setsid", "/bin/setsid"];

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private volatile bool _endedByServer;

    private RunningCommand(Process process) => _process = process;

    public int Pid => _process.Id;

    /// <summary>What it has written so far.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    /// <summary>Starts a command in the thread's folder and environment.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The shell cannot be started.</exception>
    public static RunningCommand Start(string command, ThreadInfo thread, ShellEnvironment environment)
    {
        var start = StartInfo(command);
        start.WorkingDirectory = thread.Cwd;
        start.UseShellExecute = false;
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        environment.ApplyTo(start.Environment);
        start.Environment["CODEX_THREAD_ID"] = thread.Id;
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return new RunningCommand(process);
    }

    /// <summary>Waits for the end.</summary>
    /// <param name="onOutput">Gets what it writes, as it comes.</param>
    /// <returns>The exit code, or <see cref="EndedExitCode"/> when <see cref="End"/> was called.</returns>
    public async Task<int> WaitAsync(Action<string> onOutput)
    {
        var reading = Task.WhenAll(ReadAsync(_process.StandardOutput, onOutput), ReadAsync(_process.StandardError, onOutput));
        await _process.WaitForExitAsync();
        await Task.WhenAny(reading, Task.Delay(LastOutput));
        return _endedByServer ? EndedExitCode : _process.ExitCode;
    }

    /// <summary>Kills the command with what it started.</summary>
    public void End()
    {
        _endedByServer = true;
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception gone) when (gone is InvalidOperationException or System.ComponentModel.Win32Exception or AggregateException)
        {
            // It ended by itself.
        }
    }

    private static ProcessStartInfo StartInfo(string command)
    {
        if (OperatingSystem.IsWindows())
            return new ProcessStartInfo("cmd.exe", ["/d", "/c", command]);
        if (Array.Find(SessionStarters, File.Exists) is { } setsid)
            return new ProcessStartInfo(setsid, ["/bin/sh", "-c", command]);

        // macOS has no setsid command but comes with perl.
        return new ProcessStartInfo("/usr/bin/perl", ["-e", "use POSIX; POSIX::setsid(); exec @ARGV;", "/bin/sh", "-c", command]);
    }

    private async Task ReadAsync(StreamReader reader, Action<string> onOutput)
    {
        var buffer = new char[4096];
        int read;
        while ((read = await reader.ReadAsync(buffer)) > 0)
        {
            var text = new string(buffer, 0, read);
            lock (_output)
                _output.Append(text);
            onOutput(text);
        }
    }
}
