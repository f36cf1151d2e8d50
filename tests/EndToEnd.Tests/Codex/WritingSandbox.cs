using System.Collections.Concurrent;
using CodexCompanion.EndToEnd.Tests.Harness;

namespace CodexCompanion.EndToEnd.Tests.Codex;

/// <summary>
/// How a writing test can let codex write. Its own sandbox (bubblewrap, bundled with it) needs user namespaces, which some containers refuse; there
/// every command fails under <c>workspace-write</c>, and the tests have to do without a sandbox.
/// </summary>
internal static class WritingSandbox
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<bool>>> Works = new(StringComparer.Ordinal);

    /// <summary><c>workspace-write</c>, or <c>danger-full-access</c> where the former cannot work.</summary>
    public static async Task<string> ModeAsync(CodexInstall codex) =>
        await Works.GetOrAdd(codex.Version, _ => new Lazy<Task<bool>>(() => TryAsync(codex))).Value ? "workspace-write" : "danger-full-access";

    private static async Task<bool> TryAsync(CodexInstall codex)
    {
        await using var home = PrivateHome.Create();
        await new CodexCli(codex, home).ExecAsync("stub: edit probe.txt written", "workspace-write");
        return File.Exists(home.InWorkspace("probe.txt"));
    }
}
