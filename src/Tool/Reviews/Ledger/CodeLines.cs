using System.Text;
using CodexCompanion.StateStore.Disk;

namespace CodexCompanion.Tool.Reviews.Ledger;

/// <summary>
/// The lines of a file as far as they matter to a finding: without indentation, blank lines and runs of blanks, so that code that was moved
/// or reformatted is still the same code.
/// </summary>
internal sealed class CodeLines
{
    // A finding is about a few lines; hashing more would make it sensitive to what it is not about.
    private const int MostLines = 20;

    // A source file is smaller; what is not is data that nobody moves lines in.
    private const int LargestFile = 4 * 1024 * 1024;

    private readonly List<(int Number, string Text)> _lines = [];

    private CodeLines(string text)
    {
        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            var squeezed = string.Join(' ', line.Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries));
            if (squeezed.Length > 0)
                _lines.Add((number, squeezed));
        }
    }

    /// <summary>Reads a file below a root; null when there is none that can be read. The name is a model's: it leads through no link, and to no device.</summary>
    /// <param name="root">The root, canonical.</param>
    /// <param name="file">Name below it.</param>
    public static CodeLines? Read(string root, string file)
    {
        try
        {
            var info = new FileInfo(Path.GetFullPath(file, root));
            if (info is not { Exists: true, LinkTarget: null, Length: <= LargestFile } || CanonicalPath.Of(info.DirectoryName!) != info.DirectoryName)
                return null;
            // Pipes and devices have no length; whoever opens a pipe waits for its writer, for ever.
            return new CodeLines(info.Length == 0 ? "" : File.ReadAllText(info.FullName));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return null; // Without the code a finding is known by its title and file alone.
        }
    }

    /// <summary>Takes the text of a file.</summary>
    internal static CodeLines Of(string text) => new(text);

    /// <summary>The hash of the lines from one number to another, and how many went into it; null when there are none.</summary>
    public (string Hash, int Count)? HashOf(int first, int last)
    {
        var chosen = _lines.Where(line => line.Number >= first && line.Number <= last).Take(MostLines).Select(line => line.Text).ToList();
        return chosen.Count == 0 ? null : (Hash(chosen), chosen.Count);
    }

    /// <summary>Whether lines of this hash still stand somewhere in the file.</summary>
    public bool Contains(string hash, int count)
    {
        for (var at = 0; at + count <= _lines.Count; at++)
        {
            if (Hash(_lines.Skip(at).Take(count).Select(line => line.Text)) == hash)
                return true;
        }

        return false;
    }

    private static string Hash(IEnumerable<string> lines) =>
        Convert.ToHexStringLower(Sha256.Hash(Encoding.UTF8.GetBytes(string.Join('\n', lines))), 0, 8);
}
