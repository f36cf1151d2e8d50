using CodexCompanion.EndToEnd.Tests.Harness;

namespace CodexCompanion.EndToEnd.Tests.Codex;

/// <summary>
/// What was installed from npm, a folder each, in a cache outside the clone: <c>CODEX_COMPANION_E2E_CACHE</c>, else the user's cache folder. A folder
/// appears under its name only when it is complete, and several test processes may ask for it at once.
/// </summary>
internal static class InstallCache
{
    /// <summary>Bound of one installation, and of the wait for another process that makes the same one: 167 MB over a slow line.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    private static string Root { get; } = Find();

    /// <summary>The names of the folders there are.</summary>
    public static IReadOnlyList<string> Names => Directory.Exists(Root) ? [.. Directory.EnumerateDirectories(Root).Select(path => Path.GetFileName(path))] : [];

    /// <summary>The folder of a name, filled if it does not exist yet.</summary>
    public static async Task<string> FolderAsync(string name, Func<string, Task> fillAsync)
    {
        var folder = Path.Combine(Root, name);
        if (Directory.Exists(folder))
            return folder;

        Directory.CreateDirectory(Root);
        await using var only = await OnlyOneAsync(Path.Combine(Root, $"{name}.lock"));
        if (Directory.Exists(folder))
            return folder;

        var fresh = Path.Combine(Root, $"new-{Guid.NewGuid():N}");
        try
        {
            await fillAsync(fresh);
            Directory.Move(fresh, folder);
        }
        finally
        {
            if (Directory.Exists(fresh))
                Directory.Delete(fresh, recursive: true);
        }

        return folder;
    }

    private static async Task<FileStream> OnlyOneAsync(string path)
    {
        FileStream? taken = null;
        await Eventually.TrueAsync(() => (taken = TryLock(path)) is not null, $"the lock {path} is free", Limit);
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

    private static string Find()
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
}
