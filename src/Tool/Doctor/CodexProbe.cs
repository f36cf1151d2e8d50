using CodexCompanion.Pipeline;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Processes;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Configuration;
using CodexCompanion.Tool.Setup;

namespace CodexCompanion.Tool.Doctor;

/// <summary>What a codex said when it was tried.</summary>
/// <param name="Codex">The codex; null when none was found.</param>
/// <param name="Missing">Why none was found; null when one was.</param>
/// <param name="Failure">Why its app-server does not run; null when it does, or was not tried.</param>
/// <param name="WasSilent">Whether it did not answer in time.</param>
/// <param name="UserAgent">What its app-server calls itself; null when it does not run.</param>
/// <param name="Login">What it said of the login; null when it does not run.</param>
internal sealed record CodexAnswer(
    CodexBinary? Codex, CodexLookup.Missing? Missing, AppServerStart.Failed? Failure, bool WasSilent, string? UserAgent, LoginState? Login);

/// <summary>
/// Starts codex's app-server as a task would, asks who is logged in, and ends it: once, for the checks that want to know. Makes no thread
/// and sends no prompt.
/// </summary>
internal sealed class CodexProbe
{
    /// <summary>How long it may take: a warm codex answers in a tenth of a second.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    private readonly Lock _gate = new();
    private Task<CodexAnswer>? _answer;

    /// <summary>Finds the codex a task would use; starts nothing.</summary>
    public static CodexLookup Find(DoctorPlace place)
    {
        // A configuration that cannot be read names no codex; that check tells of it.
        var configured = place.At is { } at ? SettingsLoader.Load(at.Workspace.Root, place.Site.Host.Variables).Value?.CodexPath.Value : null;
        return CodexLocator.Find(place.Site.Host.Variables, configured, place.Site.Root is { } root ? new LastCodex(root) : null);
    }

    /// <summary>The answer; the first to ask starts it.</summary>
    public Task<CodexAnswer> AskAsync(DoctorPlace place, CancellationToken cancellation)
    {
        lock (_gate)
            return _answer ??= TryAsync(place, cancellation);
    }

    private static async Task<CodexAnswer> TryAsync(DoctorPlace place, CancellationToken cancellation)
    {
        var lookup = Find(place);
        if (lookup is not CodexLookup.Found { Codex: var codex })
            return new CodexAnswer(null, (CodexLookup.Missing)lookup, null, WasSilent: false, null, null);
        var site = place.Site;
        var limits = new TimeLimits { Initialize = 2 * Limit, Call = 2 * Limit }; // Never the first to run out: the look as a whole has a limit.
        var receiver = new DirectReceiver(new ServerRequestPolicy(site.Host.Time));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit);
        try
        {
            var launcher = new AppServerLauncher(site.Processes, new CodexHomeLock(LocksOf(site), site.Disk, site.Processes, site.Host.Time), site.Host.Time);
            var start = await launcher.StartAsync(codex, site.Host.Variables, NewMark(), DirectoryOf(place), limits, receiver, limit.Token);
            if (start is AppServerStart.Failed failed)
                return new CodexAnswer(codex, null, failed, WasSilent: false, null, null);
            var turns = new TurnProcesses(new ProcessTree(site.Processes), new ProcessEnder(site.Processes, site.Host.Time));
            await using var session = new DirectSession(((AppServerStart.Started)start).Server, receiver, turns, limits, site.Host.Time);
            return new CodexAnswer(codex, null, null, WasSilent: false, session.Info.UserAgent, await AskAsync(place, session, limit.Token));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new CodexAnswer(codex, null, null, WasSilent: true, null, null);
        }
    }

    private static async Task<LoginState> AskAsync(DoctorPlace place, DirectSession session, CancellationToken cancellation)
    {
        try
        {
            return await LoginState.AskAsync(session, DirectoryOf(place), place.Site.Host.Variables, Limit).WaitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            return new LoginState { Detail = "It did not answer in time." };
        }
    }

    // In a dry run not even a lock file is made: below a file no folder can be, and without the lock it starts all the same.
    private static string LocksOf(DoctorSite site) => site.Root is { } root && site.Mode != DoctorMode.DryRun && Directory.Exists(root)
        ? Path.Combine(root, "locks")
        : Path.Combine(OwnProgram.Running().Path, "locks");

    // Marks what a look starts. No two looks share one: what is left of the first is ended by it, and would take the other along.
    private static string NewMark() => $"doctor-{Guid.NewGuid():N}";

    private static string DirectoryOf(DoctorPlace place) =>
        place.At is { } at && Directory.Exists(at.Workspace.Root) ? at.Workspace.Root : Path.GetPathRoot(Environment.SystemDirectory) is { Length: > 0 } root ? root : "/";
}
