using System.Text;
using CodexCompanion.Pipeline;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.StateStore;
using CodexCompanion.Tool.Configuration;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Doctor.Checks;

/// <summary>Whether the variables around us make sense: those of ours, those of Claude Code's session, those that say where sockets lie.</summary>
internal sealed class SessionEnvCheck : IDoctorCheck
{
    private const string Ours = "CODEX_COMPANION_";
    private const string HostSession = "CLAUDE_CODE_SESSION_ID";
    private const string OwnSession = "CODEX_COMPANION_SESSION_ID";

    // What a broker is called has so many digits.
    private const int InstanceDigits = 12;

    private static readonly string[] Named =
    [
        "STATE_DIR", "CODEX", "MODEL", "EFFORT", "SANDBOX", "NO_BROKER", "REVIEW_SCOPE", "SESSION_ID", "TRANSCRIPT_PATH", "INSTANCE", "JOB",
    ];

    /// <inheritdoc/>
    public string Id => "session-env";

    /// <inheritdoc/>
    public CheckCategory Category => CheckCategory.Surroundings;

    /// <inheritdoc/>
    public CheckScope Scope => CheckScope.User;

    /// <inheritdoc/>
    public string About => "environment variables: ours, the Claude session's, and those that place sockets";

    /// <inheritdoc/>
    public Task<Inspection> InspectAsync(DoctorPlace place, CancellationToken cancellation)
    {
        var site = place.Site;
        Finding?[] all = [Temp(site), Sockets(site), CodexHomeOf(site), Session(site), .. site.Host.Variables.Keys.Select(Misspelt)];
        var session = site.Host.SessionId is { } id ? $"Claude session {id}" : "no Claude session";
        return Task.FromResult(Inspection.Of(session, [.. all.OfType<Finding>()], n => $"{n} variables are amiss") with
        {
            Evidence = [.. site.Host.Variables.Keys.Where(name => name.StartsWith(Ours, StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(name => $"{name} is set")],
        });
    }

    private static Finding? Temp(DoctorSite site) =>
        !OperatingSystem.IsWindows() && site.Host.Variable("TMPDIR") is { } temp && !Directory.Exists(temp)
            ? new Finding("temp", "TMPDIR", $"TMPDIR names {temp}, which is no folder", Remedy.Manual("name one that is there", "export TMPDIR=/tmp"))
            : null;

    private static Finding? Sockets(DoctorSite site)
    {
        if (OperatingSystem.IsWindows())
            return null;
        var candidates = SocketDirectory.Candidates(site.Host.Variable, site.Disk);
        var shortest = candidates.Min(c => Encoding.UTF8.GetByteCount(Path.Combine(c.Path, new string('0', InstanceDigits) + ".sock")));
        return shortest <= SocketPath.Limit ? null : new Finding(
            "sockets", candidates[^1].Path, $"a socket's path would have {shortest} bytes, {SocketPath.Limit} are allowed: tasks run without the shared broker", Remedy.Manual("name a shorter folder", "export TMPDIR=/tmp"))
        {
            Severity = Severity.Warning,
        };
    }

    private static Finding? CodexHomeOf(DoctorSite site) =>
        site.Host.Variable("CODEX_HOME") is { } home && !Directory.Exists(home)
            ? new Finding("codex-home", "CODEX_HOME", $"CODEX_HOME names {home}, which is no folder: codex does not start", Remedy.Manual("make it, or unset CODEX_HOME to let codex use its own", $"mkdir -p {ShellWord.Of(home)}"))
            : null;

    // The host's own word comes first, so a left-over of ours does no harm; but it tells that something exports too much.
    private static Finding? Session(DoctorSite site) =>
        site.Host.Variable(HostSession) is { } current && site.Host.Variable(OwnSession) is { } own && own != current
            ? new Finding("session", OwnSession, $"{OwnSession} is of another session than the one that runs; it is not used", Remedy.Manual("take it away", $"unset {OwnSession}")) { Severity = Severity.Warning }
            : null;

    private static Finding? Misspelt(string name)
    {
        if (!name.StartsWith(Ours, StringComparison.Ordinal))
            return null;
        IReadOnlyList<string> known = [.. Named.Select(known => Ours + known), .. LimitKeys.All.Select(limit => limit.Variable), CodexLocator.Variable];
        return known.Contains(name, StringComparer.Ordinal) || Suggestion.For(name, known) is not { } meant ? null : new Finding(
            "misspelt", name, $"{name} is no variable of ours; was {meant} meant?", Remedy.Manual("name it so", $"export {meant}=\"${name}\" && unset {name}"))
        {
            Severity = Severity.Warning,
        };
    }
}
