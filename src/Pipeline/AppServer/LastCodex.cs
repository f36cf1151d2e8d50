using System.Text;
using CodexCompanion.StateStore.Disk;

namespace CodexCompanion.Pipeline.AppServer;

/// <summary>
/// Where a codex of PATH last worked: remembered in the state root for callers whose PATH leads to none, as that of a program started from a
/// desktop. A help and no condition: what cannot be read or written is as if it were not there.
/// </summary>
/// <param name="stateRoot">The folder all state of the user lies in.</param>
public sealed class LastCodex(string stateRoot)
{
    // Longer than any path a system allows; another file than ours is not read whole.
    private const int LongestBytes = 16 * 1024;

    private readonly string _file = Path.Combine(stateRoot, "last-codex");

    /// <summary>Its path, absolute; null when none is known. Whether it is still there is not looked at.</summary>
    public string? Read()
    {
        try
        {
            if (!RegularFile.IsAt(_file) || new FileInfo(_file).Length > LongestBytes)
                return null;
            var path = File.ReadAllText(_file).TrimEnd('\n');
            return Path.IsPathFullyQualified(path) ? path : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Remembers one that worked.</summary>
    public void Note(CodexBinary codex)
    {
        if (Read() == codex.GivenPath)
            return;
        var draft = $"{_file}.{Guid.NewGuid():N}";
        try
        {
            using (var stream = NativeDisk.Instance.CreatePrivateFile(draft))
                stream.Write(Encoding.UTF8.GetBytes(codex.GivenPath + "\n"));
            File.Move(draft, _file, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TryDelete(draft);
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A name of its own, below a folder that cannot be written: there is most likely nothing.
        }
    }
}
