namespace CodexCompanion.Tool.Tests;

/// <summary>The repository these tests were built from: its pages and the plugin are tested, too.</summary>
internal static class RepositoryFolder
{
    /// <summary>Full path of a file or folder in it.</summary>
    public static string PathOf(params string[] parts)
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Tool.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests do not run in the repository.");
        return Path.Combine([folder, .. parts]);
    }
}
