using CodexCompanion.Pipeline.Processes;

namespace CodexCompanion.Pipeline.AppServer;

/// <summary>Makes the environment an app-server starts with.</summary>
public static class AppServerEnvironment
{
    /// <summary>The caller's variables that codex itself needs, those its configuration names, and our mark.</summary>
    /// <param name="caller">The caller's environment.</param>
    /// <param name="instanceId">Marks the app-server and all it starts.</param>
    /// <param name="package">The npm package codex comes from, whose launcher would have added something; null for none.</param>
    public static IReadOnlyDictionary<string, string> Build(
        IReadOnlyDictionary<string, string> caller, string instanceId, NpmPackage? package = null)
    {
        var named = ConfiguredVariables.ReadFrom(CodexHome.ConfigFile(caller));
        var environment = caller
            .Where(v => PassedVariables.Includes(v.Key) || (named.Contains(v.Key) && !IsOurs(v.Key)))
            .ToDictionary(v => v.Key, v => v.Value, StringComparer.Ordinal);
        environment[ProcessTree.InstanceVariable] = instanceId;
        if (package is not null)
            AddWhatTheLauncherAdds(environment, package);
        return environment;
    }

    private static bool IsOurs(string name) => name.StartsWith("CODEX_COMPANION_", StringComparison.OrdinalIgnoreCase);

    private static void AddWhatTheLauncherAdds(Dictionary<string, string> environment, NpmPackage package)
    {
        environment["CODEX_MANAGED_PACKAGE_ROOT"] = package.Root;
        environment[$"CODEX_MANAGED_BY_{package.Manager}"] = "1";
        if (package.ToolsFolder is not { } tools)
            return;
        var name = environment.Keys.FirstOrDefault(k => k.Equals("PATH", StringComparison.OrdinalIgnoreCase)) ?? "PATH";
        var path = environment.GetValueOrDefault(name);
        environment[name] = string.IsNullOrEmpty(path) ? tools : $"{tools}{Path.PathSeparator}{path}";
    }
}
