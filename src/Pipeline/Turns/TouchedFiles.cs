using System.Text.Json;
using CodexCompanion.Pipeline.Rpc;

namespace CodexCompanion.Pipeline.Turns;

/// <summary>The files a turn changed, each once, in order; relative to its working directory where they lie below it.</summary>
internal sealed class TouchedFiles(string cwd)
{
    private readonly List<string> _roots = [WithoutEnd(cwd)];
    private readonly List<string> _paths = [];
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    public void AlsoBelow(string directory)
    {
        if (!_roots.Contains(WithoutEnd(directory), StringComparer.Ordinal))
            _roots.Add(WithoutEnd(directory));
    }

    /// <summary>Takes the files of a <c>fileChange</c> item that was carried out.</summary>
    public void Take(JsonElement item)
    {
        if (item.Text("status") is "declined" or "failed" or "inProgress")
            return;
        foreach (var change in item.Items("changes"))
        {
            Add(change.Text("path"));
            Add(change.Member("kind").Text("move_path"));
        }
    }

    public IReadOnlyList<string> ToList() => [.. _paths];

    private void Add(string? path)
    {
        if (string.IsNullOrEmpty(path))
            return;
        var shown = Relative(path);
        if (_seen.Add(shown))
            _paths.Add(shown);
    }

    private string Relative(string path)
    {
        foreach (var root in _roots)
        {
            if (path.Length > root.Length + 1 && path.StartsWith(root, PathComparison) && path[root.Length] is '/' or '\\')
                return path[(root.Length + 1)..];
        }

        return path;
    }

    private static StringComparison PathComparison =>
        OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    private static string WithoutEnd(string directory) => directory.TrimEnd('/', '\\');
}
