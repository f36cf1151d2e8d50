using CodexCompanion.StateStore;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Configuration;
using CodexCompanion.Tool.Rendering;
using CodexCompanion.Tool.Setup;

namespace CodexCompanion.Tool.Commands;

/// <summary><c>setup</c>: is everything there that a turn needs, and what is the next step if not.</summary>
internal static class SetupCommand
{
    private static readonly OptionSpec EnableGate =
        new("enable-review-gate", OptionArity.Flag, "Have Codex review each turn of a Claude session before it ends.");

    private static readonly OptionSpec DisableGate = new("disable-review-gate", OptionArity.Flag, "Do so no longer.");

    private static readonly OptionSpec Check = new("check", OptionArity.Flag, "Exit with 4 when something is missing.");

    /// <summary>The command.</summary>
    public static CommandSpec Spec { get; } = new("setup", "Show whether Codex is installed, new enough and logged in, and what to do next.")
    {
        Options = [Check, EnableGate, DisableGate],
        Run = RunAsync,
        Examples = ["codex-companion setup", "codex-companion setup --check --json", "codex-companion setup --enable-review-gate"],
    };

    private static async Task<int> RunAsync(CommandCall call, ToolHost host)
    {
        var (enable, disable) = (call.Options.Has(EnableGate), call.Options.Has(DisableGate));
        if (enable && disable)
            return Reporter.Fail(host.Streams, CommandError.Usage("--enable-review-gate and --disable-review-gate exclude each other."), call.Json);
        var opened = WorkspaceStore.Open(call, host);
        if (opened.Value is not { } store)
            return Reporter.Fail(host.Streams, opened.Error!, call.Json);
        var loaded = SettingsLoader.Load(store.Workspace.Root, host.Variables);
        if (loaded.Value is not { } settings)
            return Reporter.Fail(host.Streams, loaded.Error!, call.Json);

        var actions = new List<string>();
        try
        {
            if (enable || disable)
            {
                store.UpdateConfig(config => config with { StopReviewGate = enable });
                actions.Add(enable ? "Enabled the review gate for this workspace." : "Disabled the review gate for this workspace.");
            }
        }
        catch (StateStoreException refused)
        {
            return Reporter.Fail(host.Streams, CommandError.State(refused), call.Json);
        }

        var setup = await new SetupReport(host, store, settings, WorkingDirectory.Of(call, host).Value!).MakeAsync(actions);
        Reporter.TryPrint(
            host.Streams, call.Json ? JsonText.Line(setup, ToolJson.Default.SetupJson) + "\n" : SetupText.Of(setup, host.Time.GetUtcNow()));
        return setup.Ready || !call.Options.Has(Check) ? ExitCodes.Done : ExitCodes.CodexUnavailable;
    }
}
