using System.Collections.Concurrent;
using CodexCompanion.EndToEnd.Tests.Harness;

namespace CodexCompanion.EndToEnd.Tests.Codex;

/// <summary>A real codex from the npm registry, installed once per version into the <see cref="InstallCache"/>.</summary>
/// <param name="Version">The version npm served.</param>
/// <param name="Native">The native program.</param>
/// <param name="Launcher">The Node program npm puts on PATH, which starts the native one.</param>
internal sealed record CodexInstall(string Version, string Native, string Launcher)
{
    /// <summary>Stands for the newest version the registry serves.</summary>
    public const string Newest = "newest";

    /// <summary>The oldest version tested: near the one the reported defect was seen with.</summary>
    public const string Old = "0.142.2";

    private const string Prefix = "codex-";

    private static readonly ConcurrentDictionary<string, Lazy<Task<CodexInstall>>> Installed = new(StringComparer.Ordinal);

    /// <summary>The versions that are in the cache.</summary>
    public static IReadOnlyList<Version> Cached =>
        [.. InstallCache.Names.Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).Select(name => System.Version.TryParse(name[Prefix.Length..], out var version) ? version : null).OfType<Version>()];

    /// <summary>The codex of a version (or <see cref="Newest"/>), installed if need be.</summary>
    public static Task<CodexInstall> OfAsync(string version) =>
        Installed.GetOrAdd(version, key => new Lazy<Task<CodexInstall>>(() => ProvideAsync(key))).Value;

    private static async Task<CodexInstall> ProvideAsync(string wanted)
    {
        var version = wanted is Newest
            ? await Npm.NewestCodexAsync() ?? Cached.Max()?.ToString() ?? throw new InvalidOperationException("npm cannot be reached and no codex is in the cache")
            : wanted;
        var folder = await InstallCache.FolderAsync(Prefix + version, async fresh =>
        {
            await Npm.InstallAsync($"@openai/codex@{version}", fresh, InstallCache.Limit);
            await VerifyAsync(In(fresh, version));
        });
        return In(folder, version);
    }

    /// <summary>Finds the programs: npm has picked the package of this system (linux-x64, darwin-arm64, win32-x64 …; only the first was tried).</summary>
    private static CodexInstall In(string folder, string version)
    {
        var modules = Path.Combine(folder, "node_modules");
        var name = OperatingSystem.IsWindows() ? "codex.exe" : "codex";
        var native = Directory.EnumerateFiles(Path.Combine(modules, "@openai"), name, SearchOption.AllDirectories)
            .FirstOrDefault(path => path.Contains($"{Path.DirectorySeparatorChar}vendor{Path.DirectorySeparatorChar}", StringComparison.Ordinal));
        var launcher = Path.Combine(modules, ".bin", OperatingSystem.IsWindows() ? "codex.cmd" : "codex");
        return native is not null && File.Exists(launcher)
            ? new CodexInstall(version, native, launcher)
            : throw new InvalidOperationException($"{folder} holds no codex for this system; remove the folder to install it again");
    }

    private static async Task VerifyAsync(CodexInstall codex)
    {
        await using var program = RunningProgram.Start(codex.Native, ["--version"], Npm.Environ(), Path.GetTempPath());
        var run = await program.EndAsync();
        if (run.ExitCode != 0 || !run.Output.Contains(codex.Version, StringComparison.Ordinal))
            throw new InvalidOperationException($"the installed codex does not say that it is {codex.Version}:\n{run}");
    }
}
