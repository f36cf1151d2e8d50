using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Tool.Setup;

namespace CodexCompanion.Tool.Doctor.Checks;

/// <summary>Whether codex's sandbox works on this system, tried with a command that does nothing. Where it does not, every command of a
/// task fails.</summary>
internal sealed class SandboxSupportCheck : IDoctorCheck
{
    /// <inheritdoc/>
    public string Id => "sandbox-support";

    /// <inheritdoc/>
    public CheckCategory Category => CheckCategory.Codex;

    /// <inheritdoc/>
    public CheckScope Scope => CheckScope.User;

    /// <inheritdoc/>
    public string About => "codex's sandbox works on this system";

    /// <inheritdoc/>
    public bool StartsPrograms => true;

    /// <inheritdoc/>
    public async Task<Inspection> InspectAsync(DoctorPlace place, CancellationToken cancellation)
    {
        if (CodexProbe.Find(place) is not CodexLookup.Found { Codex: var codex })
            return Inspection.Skipped("there is no codex");
        var host = place.Site.Host;
        return await SandboxProbe.TryAsync(codex, host.Variables, place.Site.Processes, host.Time, cancellation) switch
        {
            SandboxProbe.Works => Inspection.Ok("works"),
            SandboxProbe.Refused refused => Inspection.Of("", [FindingOf(refused)], _ => ""),
            SandboxProbe.Untold untold => Inspection.Skipped(untold.Why),
            _ => throw new InvalidOperationException("What a try brings is closed."),
        };
    }

    private static Finding FindingOf(SandboxProbe.Refused refused) => new(
        "refused",
        "sandbox",
        $"codex's sandbox does not work here: {refused.Complaint}",
        Remedy.Manual(
            "let users make namespaces, or, where the machine itself is the sandbox, run tasks with --sandbox danger-full-access",
            "sudo sysctl -w kernel.unprivileged_userns_clone=1"))
    {
        Severity = Severity.Warning,
        Evidence = [refused.Evidence],
    };
}
