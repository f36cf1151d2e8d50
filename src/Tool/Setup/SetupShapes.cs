namespace CodexCompanion.Tool.Setup;

/// <summary>A program setup looked for.</summary>
internal sealed record ProgramJson(bool Available, string Detail, string? Path);

/// <summary>The codex in use.</summary>
/// <param name="Available">Whether it works with us.</param>
/// <param name="Detail">One sentence.</param>
/// <param name="Path">Where it was found.</param>
/// <param name="NativePath">What runs: the program behind an npm launcher.</param>
/// <param name="Version">Its version; null when unknown.</param>
/// <param name="Home">Its home folder; null when unknown.</param>
internal sealed record CodexJson(bool Available, string Detail, string? Path, string? NativePath, string? Version, string? Home);

/// <summary>How turns reach Codex here.</summary>
internal sealed record SessionRuntimeJson(string Mode, string Label, string Detail, string? Endpoint);

/// <summary>Whether the sandbox works; null when that cannot be told.</summary>
internal sealed record SandboxJson(bool? Available, string Detail);

/// <summary>The account's limits.</summary>
internal sealed record QuotaJson(string? Plan, IReadOnlyList<QuotaWindow> Windows, string? Problem);

/// <summary>What <c>setup --json</c> prints. The members up to <c>nextSteps</c> are those of the Node runtime.</summary>
internal sealed record SetupJson(
    bool Ready,
    ProgramJson Node,
    ProgramJson Npm,
    CodexJson Codex,
    LoginState Auth,
    SessionRuntimeJson SessionRuntime,
    bool ReviewGateEnabled,
    IReadOnlyList<string> ActionsTaken,
    IReadOnlyList<string> NextSteps,
    ProgramJson Git,
    ProgramJson Tool,
    SandboxJson Sandbox,
    QuotaJson Quota,
    string WorkspaceRoot);

/// <summary>What the jobs of a workspace used of one model.</summary>
internal sealed record ModelUsageJson(
    string Model, int Jobs, long InputTokens, long CachedInputTokens, long OutputTokens, long ReasoningOutputTokens, long TotalTokens);

/// <summary>What <c>usage --json</c> prints.</summary>
internal sealed record UsageJson(
    string WorkspaceRoot, QuotaJson Quota, int Jobs, int JobsWithUsage, long TotalTokens, IReadOnlyList<ModelUsageJson> Models, DateTimeOffset? Since);
