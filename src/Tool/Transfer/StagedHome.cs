using System.Text;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.StateStore.Disk;

namespace CodexCompanion.Tool.Transfer;

/// <summary>
/// A home of our making in which Codex finds a transcript: it imports from <c>~/.claude/projects</c> alone, and only what it holds for recent.
/// The same transcript always gets the same place, so that Codex knows it again.
/// </summary>
internal sealed class StagedHome : IDisposable
{
    private const string FolderName = "transfer";

    // Hex digits of a hash: 64 bits tell a user's transcripts apart.
    private const int NameLength = 16;

    // As much as a stream of the framework copies at once.
    private const int ChunkSize = 80 * 1024;

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
        // Never named after the transcript, whose name anybody chooses: ".." would be a folder above.
        var root = Path.Combine(stateDirectory, FolderName, Convert.ToHexStringLower(Sha256.Hash(Encoding.UTF8.GetBytes(source.Path)))[..NameLength]);
        var folder = Directory.CreateDirectory(Path.Combine(root, ".claude", "projects", Path.GetFileName(Path.GetDirectoryName(source.Path)!)));
        var copy = Path.Combine(folder.FullName, Path.GetFileName(source.Path));
        var changed = new Dictionary<string, string>(variables, StringComparer.Ordinal)
        {
            [OperatingSystem.IsWindows() ? "USERPROFILE" : "HOME"] = root,
        };
        if (CodexHome.Resolve(variables) is { } codexHome)
            changed["CODEX_HOME"] = codexHome;
        var home = new StagedHome(root, copy, changed);
        try
        {
            CopyWholeLines(source.Path, copy);
        }
        catch
        {
            home.Dispose(); // Half a copy on a full disk helps nobody, and is in everybody's way.
            throw;
        }

        return home;
    }

    /// <summary>Removes what transfers left that were killed: copies of what somebody said. Only for whoever keeps others from transferring.</summary>
    /// <param name="stateDirectory">The workspace's state.</param>
    public static void RemoveLeftovers(string stateDirectory) => Remove(Path.Combine(stateDirectory, FolderName));

    /// <summary>Removes it. What cannot be removed is removed by the next transfer.</summary>
    public void Dispose()
    {
        Remove(_root);
        try
        {
            Directory.Delete(Path.GetDirectoryName(_root)!); // Refused while another transfer has its place there.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // An empty folder is in the way of nothing.
        }
    }

    private static void Remove(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Private to the user, and in the way of nothing.
        }
    }

    // The session that calls is still writing: half a line at the end would spoil the last entry, and what is added meanwhile is for another time.
    private static void CopyWholeLines(string from, string to)
    {
        using var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
        using var target = new FileStream(to, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1);
        var chunk = new byte[ChunkSize];
        long wholeLines = 0;
        for (var left = source.Length; left > 0;)
        {
            var read = source.Read(chunk, 0, (int)Math.Min(left, chunk.Length));
            if (read == 0)
                break;
            if (chunk.AsSpan(0, read).LastIndexOf((byte)'\n') is >= 0 and var at)
                wholeLines = target.Length + at + 1;
            target.Write(chunk, 0, read);
            left -= read;
        }

        if (wholeLines > 0)
            target.SetLength(wholeLines);
    }
}
