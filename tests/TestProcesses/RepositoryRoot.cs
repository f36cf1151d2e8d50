namespace CodexCompanion.TestProcesses;

/// <summary>Makes a folder the root of a workspace, whatever lies above it.</summary>
public static class RepositoryRoot
{
    /// <summary>Gives it what a repository is known by.</summary>
    /// <param name="folder">A folder; it is made if need be.</param>
    /// <returns>The folder.</returns>
    public static string Make(string folder)
    {
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(folder, ".git")).FullName, "HEAD"), "ref: refs/heads/main\n");
        return folder;
    }
}
