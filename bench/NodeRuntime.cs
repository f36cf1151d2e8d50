namespace CodexCompanion.Bench;

/// <summary>Node, and the Node runtime where its script is named.</summary>
/// <param name="Node">The program.</param>
/// <param name="Script">Its <c>codex-companion.mjs</c>; null when it is not at hand.</param>
internal sealed record NodeRuntime(string Node, string? Script)
{
    public IReadOnlyList<string>? Help => Of(Script, "--help");

    public IReadOnlyList<string>? Status => Of(Script, "status", "--json");

    public IReadOnlyList<string>? SessionStart => Of(Beside("session-lifecycle-hook.mjs"), "SessionStart");

    public IReadOnlyList<string>? SessionEnd => Of(Beside("session-lifecycle-hook.mjs"), "SessionEnd");

    public IReadOnlyList<string>? Stop => Of(Beside("stop-review-gate-hook.mjs"));

    /// <summary>Null where there is no node.</summary>
    public static NodeRuntime? Find() => OnPath("node") is { } node
        ? new NodeRuntime(node, Environment.GetEnvironmentVariable("CODEX_COMPANION_NODE_RUNTIME") is { Length: > 0 } script ? script : null)
        : null;

    private static string? OnPath(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, name))
        .FirstOrDefault(File.Exists);

    private static IReadOnlyList<string>? Of(string? script, params string[] arguments) => script is null ? null : [script, .. arguments];

    private string? Beside(string name) =>
        Script is not null && Path.Combine(Path.GetDirectoryName(Path.GetFullPath(Script))!, name) is var path && File.Exists(path) ? path : null;
}
