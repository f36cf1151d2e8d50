namespace CodexCompanion.Tool.Reviews.Ledger;

/// <summary>The files a review looked at, as they lie in the working tree.</summary>
/// <param name="root">Root of the repository.</param>
/// <param name="files">The changed files, by their present and their former names.</param>
/// <param name="jobId">The review.</param>
/// <param name="isTree">Whether what lies in the working tree is what was reviewed, and not an older commit.</param>
/// <param name="now">When it ended.</param>
internal sealed class ReviewedFiles(string root, IReadOnlySet<string> files, string jobId, bool isTree, DateTimeOffset now)
{
    private readonly Dictionary<string, CodeLines?> _lines = new(StringComparer.Ordinal);

    /// <summary>The review.</summary>
    public string JobId { get; } = jobId;

    /// <summary>Whether what lies in the working tree is what was reviewed.</summary>
    public bool IsTree { get; } = isTree;

    /// <summary>When it ended.</summary>
    public DateTimeOffset Now { get; } = now;

    /// <summary>Whether the review was about this file.</summary>
    public bool Covers(string file) => files.Contains(file);

    /// <summary>The lines of a file; <see cref="CodeLines.OfNone"/> when it is gone, null when it cannot be read.</summary>
    public CodeLines? Lines(string file)
    {
        if (!_lines.TryGetValue(file, out var lines))
            _lines[file] = lines = CodeLines.Read(root, file);
        return lines;
    }
}
