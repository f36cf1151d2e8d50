using CodexCompanion.Pipeline.AppServer;

namespace CodexCompanion.Tool.Transfer;

/// <summary>
/// A home of our making in which Codex finds a transcript: it imports from <c>~/.claude/projects</c> alone, and only what it holds for recent.
/// The same transcript always gets the same place, so that Codex knows it again.
/// </summary>
internal sealed class StagedHome : IDisposable
{
    private readonly string _root;

    private StagedHome(string root, string transcript, IReadOnlyDictionary<string, string> variables)
    {
        _root = root;
        Transcript = transcript;
        Variables = variables;
    }

    /// <summary>The copy.</summary>
    public string Transcript { get; }

    /// <summary>The environment for a server that shall find it: its home is ours, Codex's own stays where it is.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; }

    /// <summary>Makes it.</summary>
    /// <param name="stateDirectory">The workspace's state, private to the user.</param>
    /// <param name="source">The transcript.</param>
    /// <param name="variables">The caller's environment.</param>
    /// <exception cref="IOException">The disk refused.</exception>
    public static StagedHome Create(string stateDirectory, TranscriptSource source, IReadOnlyDictionary<string, string> variables)
    {
        var root = Path.Combine(stateDirectory, "transfer", source.SessionId);
        var folder = Directory.CreateDirectory(Path.Combine(root, ".claude", "projects", Path.GetFileName(Path.GetDirectoryName(source.Path)!)));
        var copy = Path.Combine(folder.FullName, Path.GetFileName(source.Path));
        CopyWholeLines(source.Path, copy);
        var changed = new Dictionary<string, string>(variables, StringComparer.Ordinal)
        {
            [OperatingSystem.IsWindows() ? "USERPROFILE" : "HOME"] = root,
        };
        if (CodexHome.Resolve(variables) is { } codexHome)
            changed["CODEX_HOME"] = codexHome;
        return new StagedHome(root, copy, changed);
    }

    /// <summary>Removes it. What cannot be removed is replaced by the next transfer.</summary>
    public void Dispose()
    {
        try
        {
            Directory.Delete(_root, recursive: true);
            Directory.Delete(Path.GetDirectoryName(_root)!); // Refused while another transfer has its place there.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Private to the user, and in the way of nothing.
        }
    }

    // The session that calls is still writing: half a line at the end would spoil the last entry.
    private static void CopyWholeLines(string from, string to)
    {
        using var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var target = new FileStream(to, FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        source.CopyTo(target);
        for (var at = target.Length - 1; at >= 0; at--)
        {
            target.Position = at;
            if (target.ReadByte() == '\n')
            {
                target.SetLength(at + 1);
                return;
            }
        }
    }
}
