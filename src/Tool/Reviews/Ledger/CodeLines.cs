using System.Buffers.Binary;
using System.Globalization;
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

    private const string HashFormat = "x16";

    // Odd, so that no bit of an earlier line is lost (2^64 divided by the golden ratio).
    private const ulong Factor = 0x9E3779B97F4A7C15;

    // The lines that count: their numbers in the file, and a hash of each.
    private readonly List<int> _numbers = [];
    private readonly List<ulong> _lines = [];

    // The hashes of all runs of so many lines: a ledger asks for thousands of a few lengths.
    private readonly Dictionary<int, HashSet<ulong>> _runs = [];

    private CodeLines(string text)
    {
        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            var squeezed = string.Join(' ', line.Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries));
            if (squeezed.Length == 0)
                continue;
            _numbers.Add(number);
            _lines.Add(BinaryPrimitives.ReadUInt64BigEndian(Sha256.Hash(Encoding.UTF8.GetBytes(squeezed))));
        }
    }

    /// <summary>The lines of a file that is not there: none.</summary>
    public static CodeLines OfNone { get; } = new("");

    /// <summary>
    /// Reads a file below a root; null when it may be there and cannot be read. The name is a model's: it leads through no link, and to no device.
    /// </summary>
    /// <param name="root">The root, canonical.</param>
    /// <param name="file">Name below it.</param>
    public static CodeLines? Read(string root, string file)
    {
        try
        {
            var info = new FileInfo(Path.GetFullPath(file, root));
            if (IsGone(info.FullName))
                return OfNone;
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

    // A look that is refused throws, which "does the file exist" would answer with no. A folder of that name is no file.
    private static bool IsGone(string path)
    {
        try
        {
            return File.GetAttributes(path).HasFlag(FileAttributes.Directory);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return true;
        }
    }

    /// <summary>Takes the text of a file.</summary>
    internal static CodeLines Of(string text) => new(text);

    /// <summary>The hash of the lines from one number to another, and how many went into it; null when there are none.</summary>
    public (string Hash, int Count)? HashOf(int first, int last)
    {
        var at = _numbers.BinarySearch(first);
        at = at < 0 ? ~at : at;
        var count = 0;
        while (count < MostLines && at + count < _numbers.Count && _numbers[at + count] <= last)
            count++;
        return count == 0 ? null : (RunAt(at, count).ToString(HashFormat, CultureInfo.InvariantCulture), count);
    }

    /// <summary>Whether lines of this hash still stand somewhere in the file.</summary>
    public bool Contains(string hash, int count)
    {
        if (count is < 1 or > MostLines || count > _lines.Count || !ulong.TryParse(hash, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var wanted))
            return false;
        if (!_runs.TryGetValue(count, out var known))
            _runs[count] = known = [.. Enumerable.Range(0, _lines.Count - count + 1).Select(at => RunAt(at, count))];
        return known.Contains(wanted);
    }

    // Out of the lines' own hashes: every run of every length of a large file costs milliseconds, where hashing its text anew would cost seconds.
    private ulong RunAt(int at, int count)
    {
        var hash = 0UL;
        for (var line = at; line < at + count; line++)
            hash = (hash * Factor) + _lines[line];
        return hash;
    }
}
