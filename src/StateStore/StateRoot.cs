namespace CodexCompanion.StateStore;

/// <summary>The one folder all state of a user lies in, the same for every entry point, or why there is none.</summary>
public abstract record StateRoot
{
    /// <summary>Names the state root outright.</summary>
    public const string Variable = "CODEX_COMPANION_STATE_DIR";

    private const string FolderName = "codex-companion";

    private StateRoot()
    {
    }

    /// <summary>The state root is here. Nothing was created or looked at.</summary>
    public sealed record At(string Path) : StateRoot;

    /// <summary>There is none, for the reason in one sentence.</summary>
    public sealed record Refused(string Sentence) : StateRoot;

    /// <summary>
    /// Resolves it from the environment. Plugin variables of the host (<c>CLAUDE_PLUGIN_DATA</c>) are not used: those of other plugins
    /// leak into a session.
    /// </summary>
    public static StateRoot Resolve(Func<string, string?> environment)
    {
        if (environment(Variable) is { Length: > 0 } named)
        {
            return Path.IsPathFullyQualified(named)
                ? new At(Clean(named))
                : new Refused($"{Variable} must be an absolute path, and is \"{named}\".");
        }

        if (OperatingSystem.IsWindows())
            return Below(environment("LOCALAPPDATA"), Environment.SpecialFolder.LocalApplicationData, "LOCALAPPDATA");
        if (OperatingSystem.IsMacOS())
            return Below(environment("HOME"), Environment.SpecialFolder.UserProfile, "HOME", "Library", "Application Support");

        // A relative XDG path is to be ignored, says the XDG Base Directory Specification.
        return environment("XDG_STATE_HOME") is { } xdg && Path.IsPathFullyQualified(xdg)
            ? new At(Path.Combine(Clean(xdg), FolderName))
            : Below(environment("HOME"), Environment.SpecialFolder.UserProfile, "HOME", ".local", "state");
    }

    private static StateRoot Below(string? folder, Environment.SpecialFolder otherwise, string variable, params ReadOnlySpan<string> parts)
    {
        var home = folder is not null && Path.IsPathFullyQualified(folder) ? folder : Environment.GetFolderPath(otherwise);
        if (home.Length == 0)
            return new Refused($"No home directory was found; set {variable} or {Variable}.");
        return new At(Path.Combine([Clean(home), .. parts, FolderName]));
    }

    private static string Clean(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
}
