using CodexCompanion.StateStore.Disk;

namespace CodexCompanion.StateStore;

/// <summary>A private folder that sockets may lie in. The Node runtime's folders (<c>codex-companion</c> in temp, <c>cxc-*</c>) are not ours.</summary>
/// <param name="Path">The folder; it need not exist yet.</param>
public sealed record SocketDirectory(string Path)
{
    private const string Name = "codex-companion";

    /// <summary>
    /// The folders to try, best first: the session's own runtime folder, whose path is short and which goes with the login; then a
    /// folder of this user's in temp.
    /// </summary>
    public static IReadOnlyList<SocketDirectory> Candidates(Func<string, string?> environment, INativeDisk disk)
    {
        var found = new List<SocketDirectory>(2);
        if (environment("XDG_RUNTIME_DIR") is { } runtime && System.IO.Path.IsPathFullyQualified(runtime) && IsOurs(disk, runtime))
            found.Add(new SocketDirectory(System.IO.Path.Combine(runtime, Name)));
        found.Add(new SocketDirectory(System.IO.Path.Combine(SystemTemp.Of(environment), $"{Name}-{disk.User}")));
        return found;
    }

    /// <summary>Sees to it that it exists, is ours, is no link and lets nobody else in.</summary>
    /// <returns>null when it does; else one sentence on why it cannot be used.</returns>
    public string? Ensure(INativeDisk disk) => PrivateDirectory.Ensure(disk, Path);

    // Left over from another login or another user (su), the variable may name a folder that is gone or foreign.
    private static bool IsOurs(INativeDisk disk, string runtime)
    {
        try
        {
            return Directory.Exists(runtime) && disk.Look(CanonicalPath.Of(runtime)) is { } facts && (facts.Owner is null || facts.Owner == disk.User);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // What cannot be looked at cannot be used either.
        }
    }
}
