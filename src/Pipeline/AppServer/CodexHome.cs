using CodexCompanion.StateStore.Disk;

namespace CodexCompanion.Pipeline.AppServer;

/// <summary>Where codex keeps its login, configuration and threads.</summary>
public static class CodexHome
{
    /// <summary>The folder, with links resolved; null when the environment names neither it nor a home.</summary>
    public static string? Resolve(IReadOnlyDictionary<string, string> environment)
    {
        var search = new ProgramSearch(environment);
        if (search.Variable("CODEX_HOME") is { Length: > 0 } named)
            return CanonicalPath.Of(named);
        var home = search.Variable(OperatingSystem.IsWindows() ? "USERPROFILE" : "HOME");
        return string.IsNullOrEmpty(home) ? null : CanonicalPath.Of(Path.Combine(home, ".codex"));
    }

    /// <summary>Its configuration file, which need not exist; null when there is no folder.</summary>
    public static string? ConfigFile(IReadOnlyDictionary<string, string> environment) =>
        Resolve(environment) is { } folder ? Path.Combine(folder, "config.toml") : null;
}
