using System.Collections;
using System.Collections.Concurrent;
using CodexCompanion.EndToEnd.Tests.Harness;

namespace CodexCompanion.EndToEnd.Tests.Codex;

/// <summary>The npm client of this machine, with the machine's own registry configuration.</summary>
internal static class Npm
{
    // A look-up takes half a second; a registry that does not answer in this time counts as unreachable.
    private static readonly TimeSpan LookUpLimit = TimeSpan.FromSeconds(60);

    private static readonly ConcurrentDictionary<string, Lazy<Task<string>>> Packages = new(StringComparer.Ordinal);

    private static readonly Lazy<Task<string?>> Newest = new(AskNewestAsync);

    /// <summary>The newest version of codex the registry serves; null when npm is missing or cannot reach it.</summary>
    public static Task<string?> NewestCodexAsync() => Newest.Value;

    /// <summary>Installs a package into a folder of its own.</summary>
    public static async Task InstallAsync(string package, string folder, TimeSpan limit)
    {
        Directory.CreateDirectory(folder);
        var run = await RunAsync(["install", "--prefix", folder, "--no-audit", "--no-fund", "--no-save", "--no-package-lock", "--ignore-scripts", "--loglevel=error", package], limit);
        if (run.ExitCode != 0)
            throw new InvalidOperationException($"npm could not install {package}:\n{run}");
    }

    /// <summary>The folder of a package's newest version, installed into the cache if need be.</summary>
    public static Task<string> CachedPackageAsync(string name) => Packages.GetOrAdd(name, key => new Lazy<Task<string>>(() => ProvideAsync(key))).Value;

    /// <summary>npm needs the user's own environment: configuration, proxies, certificates.</summary>
    public static Dictionary<string, string> Environ() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "", StringComparer.Ordinal);

    private static async Task<string> ProvideAsync(string name) =>
        Path.Combine(await InstallCache.FolderAsync(name, folder => InstallAsync(name, folder, InstallCache.Limit)), "node_modules", name);

    private static async Task<string?> AskNewestAsync()
    {
        try
        {
            var run = await RunAsync(["view", "@openai/codex", "version"], LookUpLimit);
            return run.ExitCode == 0 && Version.TryParse(run.Output.Trim(), out _) ? run.Output.Trim() : null;
        }
        catch (Exception e) when (e is TimeoutException or FileNotFoundException)
        {
            return null; // the caller says what follows from it: a skipped test, or a failed one in CI
        }
    }

    private static async Task<ProgramRun> RunAsync(IEnumerable<string> arguments, TimeSpan limit)
    {
        await using var program = RunningProgram.Start(OnPath(), arguments, Environ(), Path.GetTempPath());
        return await program.EndAsync(limit);
    }

    private static string OnPath()
    {
        var name = OperatingSystem.IsWindows() ? "npm.cmd" : "npm";
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists) ?? throw new FileNotFoundException("npm is not on PATH");
    }
}
