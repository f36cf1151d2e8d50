using CodexCompanion.Pipeline;
using CodexCompanion.StateStore;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Configuration;

namespace CodexCompanion.Tool.Hooks;

/// <summary>Where a hook works and by which settings. Made without a word about what is wrong: a hook goes on with what there is.</summary>
/// <param name="Workspace">The workspace of the session.</param>
/// <param name="Settings">Its settings; the built-in ones when the files cannot be used.</param>
/// <param name="Problem">Why they cannot; null when they can.</param>
internal sealed record HookContext(Workspace Workspace, Settings Settings, CommandError? Problem)
{
    /// <summary>The time limits.</summary>
    public TimeLimits Limits => Settings.Limits;

    /// <summary>Finds it out.</summary>
    /// <param name="call">Its <c>--cwd</c> comes first.</param>
    /// <param name="host">Its directory comes last.</param>
    /// <param name="sessionDirectory">The host's word about where the session works; null when it gave none.</param>
    public static HookContext Of(CommandCall call, ToolHost host, string? sessionDirectory)
    {
        var directory = call.Options.Value(GlobalOptions.Cwd) ?? sessionDirectory;
        // The directory a hook is started in may be gone; then only the root is surely there, and nobody else can put settings into it.
        var here = host.CurrentDirectory.Length > 0 ? host.CurrentDirectory : Path.GetPathRoot(Environment.CurrentDirectory)!;
        var cwd = string.IsNullOrWhiteSpace(directory) || directory.Contains('\0', StringComparison.Ordinal)
            ? here
            : Path.GetFullPath(directory, here);
        var workspace = Workspace.Resolve(cwd);
        var loaded = SettingsLoader.Load(workspace.Root, host.Variables);
        return new HookContext(workspace, loaded.Value ?? new Settings(), loaded.Error);
    }
}
