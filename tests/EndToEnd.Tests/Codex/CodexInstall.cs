using System.Collections.Concurrent;
using CodexCompanion.EndToEnd.Tests.Harness;

namespace CodexCompanion.EndToEnd.Tests.Codex;

/// <summary>
/// A real codex from the npm registry. It is installed once per version into a cache outside the clone (<c>CODEX_COMPANION_E2E_CACHE</c>, else the user's
/// cache folder), as an archive has 167 MB.
/// </summary>
/// <param name="Version">The version npm served.</param>
/// <param name="Native">The native program.</param>
/// <param name="Launcher">The Node program npm puts on PATH, which starts the native one.</param>
internal sealed record CodexInstall(string Version, string Native, string Launcher)
{
    /// <summary>Stands for the newest version the registry serves.</summary>
    public const string Newest = "newest";

    /// <summary>The oldest version tested: near the one the reported defect was seen with.</summary>
    public const string Old = "0.142.2";

    // Bound of one download and of the wait for another process that makes the same one: 167 MB over a slow line.
    private static readonly TimeSpan InstallLimit = TimeSpan.FromMinutes(10);

    private static readonly ConcurrentDictionary<string, Lazy<Task<CodexInstall>>> Installed = new(StringComparer.Ordinal);

    private static string Cache { get; } = CacheFolder();

    /// <summary>The versions that are in the cache, newest last.</summary>
    public static IReadOnlyList<string> Cached =>
        Directory.Exists(Cache) ? [.. Directory.EnumerateDirectories(Cache, "codex-*").Select(path => Path.GetFileName(path)["codex-".Length..]).OrderBy(Comparable)] : [];

    /// <summary>The codex of a version (or <see cref="Newest"/>), installed if need be.</summary>
    public static Task<CodexInstall> OfAsync(string version) =>
        Installed.GetOrAdd(version, key => new Lazy<Task<CodexInstall>>(() => ProvideAsync(key))).Value;

    private static async Task<CodexInstall> ProvideAsync(string wanted)
    {
        var version = wanted is Newest ? await Npm.NewestCodexAsync() ?? Cached.Reverse().FirstOrDefault() ?? throw new InvalidOperationException("npm cannot be reached and no codex is in the cache") : wanted;
        var folder = Path.Combine(Cache, $"codex-{version}");
        if (Directory.Exists(folder))
            return In(folder, version);

        Directory.CreateDirectory(Cache);
        await using var only = await OnlyOneAsync(Path.Combine(Cache, $"codex-{version}.lock"));
        if (Directory.Exists(folder))
            return In(folder, version);

        var fresh = Path.Combine(Cache, $"new-{Guid.NewGuid():N}");
        try
        {
            await Npm.InstallAsync($"@openai/codex@{version}", fresh, InstallLimit);
            await VerifyAsync(In(fresh, version));
            Directory.Move(fresh, folder);
        }
        finally
        {
            if (Directory.Exists(fresh))
                Directory.Delete(fresh, recursive: true);
        }

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
        await using var program = RunningProgram.Start(codex.Native, ["--version"], Npm.Environ(), Cache);
        var run = await program.EndAsync();
        if (run.ExitCode != 0 || !run.Output.Contains(codex.Version, StringComparison.Ordinal))
            throw new InvalidOperationException($"the installed codex does not say that it is {codex.Version}:\n{run}");
    }

    private static async Task<FileStream> OnlyOneAsync(string path)
    {
        FileStream? taken = null;
        await Eventually.TrueAsync(() => (taken = TryLock(path)) is not null, $"the lock {path} is free", InstallLimit);
        return taken!;
    }

    private static FileStream? TryLock(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null; // another test process is installing: wait for it
        }
    }

    private static string CacheFolder()
    {
        var named = Environment.GetEnvironmentVariable("CODEX_COMPANION_E2E_CACHE");
        if (!string.IsNullOrEmpty(named))
            return Path.GetFullPath(named);
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var place = OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
            : OperatingSystem.IsMacOS() ? Path.Combine(home, "Library", "Caches")
            : Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg ? xdg : Path.Combine(home, ".cache");
        return Path.Combine(place, "codex-companion-e2e");
    }

    private static Version Comparable(string version) => System.Version.TryParse(version, out var parsed) ? parsed : new Version(0, 0);
}
