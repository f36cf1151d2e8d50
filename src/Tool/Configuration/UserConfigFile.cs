namespace CodexCompanion.Tool.Configuration;

/// <summary>Where the user's own configuration file lies.</summary>
internal static class UserConfigFile
{
    private const string Folder = "codex-companion";
    private const string FileName = "config.json";

    /// <summary>Its path, whether the file is there or not; null when the system knows no place for it.</summary>
    public static string? Find(IReadOnlyDictionary<string, string> variables)
    {
        // Honoured on every system when it is set; a relative one is to be ignored, says the XDG Base Directory Specification.
        if (variables.TryGetValue("XDG_CONFIG_HOME", out var xdg) && Path.IsPathFullyQualified(xdg))
            return Path.Combine(xdg, Folder, FileName);
        if (OperatingSystem.IsWindows())
            return Below(variables, "APPDATA");
        return OperatingSystem.IsMacOS() ? Below(variables, "HOME", "Library", "Application Support") : Below(variables, "HOME", ".config");
    }

    private static string? Below(IReadOnlyDictionary<string, string> variables, string variable, params string[] parts) =>
        variables.TryGetValue(variable, out var start) && Path.IsPathFullyQualified(start)
            ? Path.Combine([start, .. parts, Folder, FileName])
            : null;
}
