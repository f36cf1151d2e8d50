using CodexCompanion.Pipeline.Processes;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.Tool.CommandLine;

namespace CodexCompanion.Tool.Git;

/// <summary>
/// Runs git in one repository, to its end or until enough was read. Before the first run it finds out which programs the repository itself names,
/// so that nobody can forget to keep git from starting them.
/// </summary>
internal sealed class GitRunner(GitProgram git, IProcessTable processes, TimeProvider time)
{
    // Lists of names and single words; a repository with millions of files fits.
    private const int EnoughForLists = 256 * 1024 * 1024;

    // Complaints are a line or two.
    private const int MostErrors = 16 * 1024;

    // Once its pipes are closed git is gone in milliseconds; one that hangs on a dead network disk is not waited for.
    private static readonly TimeSpan ExitLimit = TimeSpan.FromSeconds(10);

    // A killed process is gone in milliseconds, unless the kernel holds it.
    private static readonly TimeSpan KillLimit = TimeSpan.FromSeconds(2);

    // Whoever git left behind (the master of an ssh connection, a cache of credentials) may hold its error output open for hours. What git itself
    // complained of is in it when git has ended, and read in milliseconds.
    private static readonly TimeSpan ErrorsLimit = TimeSpan.FromSeconds(1);

    // git answers in milliseconds, in large trees in a second or two; who waits longer wants to know for what.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private Task<Attempt<GitProgram>>? _harmless;

    /// <summary>Told in a sentence when a run takes long; null for nobody.</summary>
    public Action<string>? Slow { get; init; }

    /// <summary>Runs git.</summary>
    /// <param name="directory">Where.</param>
    /// <param name="stop">Ends it; the run then throws.</param>
    /// <param name="arguments">What it shall do.</param>
    public Task<GitOutput> RunAsync(string directory, CancellationToken stop, params string[] arguments) =>
        ReadAsync(directory, EnoughForLists, stop, arguments);

    /// <summary>Runs git and reads at most so many bytes of what it writes; when there is more it is ended.</summary>
    public async Task<GitOutput> ReadAsync(string directory, int most, CancellationToken stop, params string[] arguments)
    {
        _harmless ??= new NamedPrograms((place, asked) => RunAsync(git, place, EnoughForLists, asked, stop)).OverruleAsync(git, directory);
        var harmless = await _harmless;
        return harmless.Value is { } safe
            ? await RunAsync(safe, directory, most, arguments, stop)
            : new GitOutput(new ChildExit(Code: 128, Signal: null), [], "fatal: " + harmless.Error!.Message, CutOff: false);
    }

    private async Task<GitOutput> RunAsync(GitProgram program, string directory, int most, string[] arguments, CancellationToken stop)
    {
        if (program.Start(directory, arguments, processes) is not ChildStartResult.Started { Child: var child })
            return new GitOutput(new ChildExit(Code: 127, Signal: null), [], $"{program.Path} could not be started.", CutOff: false);
        using (child)
        {
            try
            {
                return await ReadAsync(child, directory, most, arguments, stop);
            }
            finally
            {
                child.Kill(); // Does nothing to one that has ended.
            }
        }
    }

    private async Task<GitOutput> ReadAsync(ChildProcess child, string directory, int most, string[] arguments, CancellationToken stop)
    {
        await using var patience = Slow is null ? null : time.CreateTimer(
            _ => Slow($"Still waiting for git {arguments[0]} in {directory}; large files and slow disks take their time."), state: null, Patience, Timeout.InfiniteTimeSpan);
        child.EndInput();
        var errors = ReadAsync(child.ErrorOutput, MostErrors, drain: true, CancellationToken.None);
        var (output, more) = await ReadAsync(child.Output, most, drain: false, stop);
        if (more)
            child.Kill();
        var exit = await ExitAsync(child.Exited, child.Kill, time, stop);
        if (!errors.IsCompleted)
            await Task.WhenAny(errors, Task.Delay(ErrorsLimit, time, CancellationToken.None));
        if (!errors.IsCompleted)
            child.ErrorOutput.Dispose();
        return exit is null
            ? new GitOutput(new ChildExit(Code: 128, Signal: null), output, $"fatal: git {arguments[0]} does not end, not even when it is killed; its disk may not answer.", more)
            : new GitOutput(exit, output, System.Text.Encoding.UTF8.GetString((await errors).Bytes), more);
    }

    /// <summary>The exit of one whose output has ended; null when it goes on in spite of being killed, as one does that the kernel holds in a call.</summary>
    internal static async Task<ChildExit?> ExitAsync(Task<ChildExit> exited, Action kill, TimeProvider time, CancellationToken stop)
    {
        await Task.WhenAny(exited, Task.Delay(ExitLimit, time, stop));
        stop.ThrowIfCancellationRequested();
        if (!exited.IsCompleted)
        {
            kill();
            await Task.WhenAny(exited, Task.Delay(KillLimit, time, stop));
            stop.ThrowIfCancellationRequested();
        }

        return exited.IsCompleted ? await exited : null;
    }

    private static async Task<(byte[] Bytes, bool More)> ReadAsync(Stream stream, int most, bool drain, CancellationToken stop)
    {
        using var content = new MemoryStream();
        var buffer = new byte[64 * 1024];
        try
        {
            int read;
            while ((read = await stream.ReadAsync(buffer, stop)) > 0)
            {
                var room = (int)Math.Min(read, most - content.Length);
                content.Write(buffer, 0, room);
                if (room < read && !drain)
                    return (content.ToArray(), true);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // Ended or closed by us in mid-read: what came counts, and the exit says the rest.
        }

        return (content.ToArray(), false);
    }
}
