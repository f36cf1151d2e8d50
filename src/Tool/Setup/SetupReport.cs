using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Processes;
using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Configuration;

namespace CodexCompanion.Tool.Setup;

/// <summary>Looks at everything a turn will need, and says what is still to do.</summary>
internal sealed class SetupReport(ToolHost host, IStateStore store, Settings settings, string cwd)
{
    private const string InstallCodex = "npm install -g @openai/codex";

    // Git prints its version in 3 ms.
    private static readonly TimeSpan VersionLimit = TimeSpan.FromSeconds(3);

    private readonly ProgramSearch _search = new(host.Variables);

    /// <summary>Looks.</summary>
    /// <param name="actionsTaken">What the command did before.</param>
    public async Task<SetupJson> MakeAsync(IReadOnlyList<string> actionsTaken)
    {
        var last = StateRoot.Resolve(host.Variable) is StateRoot.At root ? new LastCodex(root.Path) : null;
        var lookup = CodexLocator.Find(host.Variables, settings.CodexPath.Value, last);
        var binary = (lookup as CodexLookup.Found)?.Codex;
        var sandbox = binary is null
            ? Task.FromResult<SandboxProbe>(new SandboxProbe.Untold("there is no codex to try it with"))
            : SandboxProbe.TryAsync(binary, host.Variables, host.Processes(), host.Time);
        var git = GitAsync();
        var (codex, auth, quota, endpoint, steps) = await AskAsync(binary);

        var inSandbox = Told(await sandbox);
        if (inSandbox.Available is false)
            steps = [.. steps, $"{CommandApplication.ToolName} doctor --check sandbox-support"];
        var ready = codex.Available && auth.LoggedIn;
        return new SetupJson(
            ready,
            Program("node"),
            Program("npm"),
            codex,
            auth,
            endpoint is null
                ? new SessionRuntimeJson("direct", "direct startup", WhyDirect, Endpoint: null)
                : new SessionRuntimeJson("shared", "shared session", "This workspace shares one Codex runtime.", endpoint),
            store.ReadConfig().Value?.StopReviewGate ?? false,
            actionsTaken,
            steps,
            await git,
            new ProgramJson(Available: true, $"codex-companion {ToolVersion.Text}", OwnProgram.Running().LastingPath),
            inSandbox,
            new QuotaJson(quota.Plan, quota.Windows, quota.Problem),
            store.Workspace.Root);
    }

    private string WhyDirect => settings.NoBroker.Value
        ? "Each task has a runtime of its own: noBroker is set."
        : "No shared runtime runs yet; the first task starts one.";

    private async Task<(CodexJson Codex, LoginState Auth, Quota Quota, string? Endpoint, IReadOnlyList<string> Steps)> AskAsync(CodexBinary? binary)
    {
        var opened = await ReadingSession.OpenAsync(host, store, settings, cwd);
        if (opened.Session is not { } reading)
            return Without(binary, opened.Failure!);
        string? endpoint;
        LoginState auth;
        Quota quota;
        AppServerInfo info;
        await using (reading)
        {
            (endpoint, info) = (reading.BrokerEndpoint, reading.Session.Info);
            (auth, quota) = await AskAsync(reading);
        }

        // A broker that greets and whose server then keeps silent says nothing about the login: a server of our own does.
        if (!auth.Available && endpoint is not null)
        {
            opened = await ReadingSession.OpenAsync(host, store, settings, cwd, shared: false);
            if (opened.Session is not { } own)
                return Without(binary, opened.Failure!);
            await using (own)
            {
                info = own.Session.Info;
                (auth, quota) = await AskAsync(own);
            }
        }

        var version = info.Version?.ToString();
        var codex = new CodexJson(
            Available: true,
            $"codex {version ?? "of unknown version"} at {binary!.GivenPath}; advanced runtime available",
            binary.GivenPath,
            binary.Path,
            version,
            info.CodexHome ?? CodexHome.Resolve(host.Variables));
        return (codex, auth, quota, endpoint, auth.LoggedIn ? [] : [auth.Remedy ?? $"{CommandApplication.ToolName} doctor"]);
    }

    // Whoever does not answer the first question is not asked the second: each costs its time limit.
    private async Task<(LoginState Auth, Quota Quota)> AskAsync(ReadingSession reading)
    {
        var auth = await LoginState.AskAsync(reading.Session, cwd, host.Variables, settings.Limits.InterruptConfirmed);
        return (auth, auth.Available ? await Quota.AskAsync(reading.Session, settings.Limits.InterruptConfirmed) : new Quota([], Plan: null, auth.Detail));
    }

    private (CodexJson Codex, LoginState Auth, Quota Quota, string? Endpoint, IReadOnlyList<string> Steps) Without(CodexBinary? binary, Outcome.Failed failure)
    {
        var step = failure.Kind switch
        {
            FailureKind.CodexMissing when host.Variable(CodexLocator.Variable) is not null => $"unset {CodexLocator.Variable}",
            FailureKind.CodexMissing when !string.IsNullOrEmpty(settings.CodexPath.Value) => $"{CommandApplication.ToolName} config show --origin",
            FailureKind.CodexMissing => InstallCodex,
            FailureKind.CodexTooOld => binary?.UpdateCommand ?? InstallCodex,
            _ => $"{CommandApplication.ToolName} doctor",
        };
        var detail = step == InstallCodex && !Program("npm").Available
            ? $"{failure.Message} npm, which installs it, is not on PATH either; it comes with Node.js."
            : failure.Message;
        var codex = new CodexJson(Available: false, detail, binary?.GivenPath, binary?.Path, Version: null, CodexHome.Resolve(host.Variables));
        return (codex, new LoginState { Detail = "It cannot be told without a working codex." }, new Quota([], Plan: null, failure.Message), null, [step]);
    }

    private static SandboxJson Told(SandboxProbe sandbox) => sandbox switch
    {
        SandboxProbe.Works => new SandboxJson(Available: true, "commands run in Codex's sandbox"),
        SandboxProbe.Refused refused => new SandboxJson(Available: false, $"Codex's sandbox does not work here: {refused.Complaint}"),
        SandboxProbe.Untold untold => new SandboxJson(Available: null, untold.Why),
        _ => throw new InvalidOperationException("What a try brings is closed."),
    };

    private ProgramJson Program(string name) =>
        _search.OnPath(name) is { } path ? new ProgramJson(Available: true, path, path) : new ProgramJson(Available: false, "not found on PATH", Path: null);

    private async Task<ProgramJson> GitAsync()
    {
        if (_search.OnPath("git") is not { } path)
            return new ProgramJson(Available: false, "not found on PATH; reviews need it", Path: null);
        var end = await ProgramProbe.RunAsync(new ChildStart(path, ["--version"], host.Variables, cwd), host.Processes(), VersionLimit, host.Time);
        return end is ProgramEnd.Ended { Exit.Code: 0, Output: var version }
            ? new ProgramJson(Available: true, $"{version.Trim()} at {path}", path)
            : new ProgramJson(Available: false, $"{path} does not work: {WhyNot(end)}", path);
    }

    private static string WhyNot(ProgramEnd end) => end switch
    {
        ProgramEnd.Ended { Errors: var errors } when !string.IsNullOrWhiteSpace(errors) => errors.Trim(),
        ProgramEnd.Ended ended => $"it {ended.Exit.Description}",
        ProgramEnd.NotStarted notStarted => notStarted.Reason,
        _ => $"it did not tell its version within {VersionLimit.TotalSeconds:0} s",
    };
}
