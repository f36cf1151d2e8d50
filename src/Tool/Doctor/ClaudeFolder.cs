namespace CodexCompanion.Tool.Doctor;

/// <summary>Where Claude Code keeps its settings and its plugins' data.</summary>
internal static class ClaudeFolder
{
    /// <summary>The folder, whether it is there or not; null without a home.</summary>
    public static string? Of(DoctorSite site)
    {
        if (site.Host.Variable("CLAUDE_CONFIG_DIR") is { } named && Path.IsPathFullyQualified(named))
            return named;
        return site.Host.Variable(OperatingSystem.IsWindows() ? "USERPROFILE" : "HOME") is { } home && Path.IsPathFullyQualified(home)
            ? Path.Combine(home, ".claude")
            : null;
    }
}
