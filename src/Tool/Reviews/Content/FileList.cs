using System.Globalization;
using System.Text;
using CodexCompanion.Tool.Git;

namespace CodexCompanion.Tool.Reviews.Content;

/// <summary>The list of changed files, a line each.</summary>
internal static class FileList
{
    // About two thousand names: enough to see what a change is about, and far below what a prompt takes.
    private const int MostCharacters = 200_000;

    /// <summary>The lines, and how many files they leave out.</summary>
    public static (string Text, int LeftOut) Of(IReadOnlyList<ChangedFile> files)
    {
        var text = new StringBuilder();
        for (var i = 0; i < files.Count; i++)
        {
            var line = Line(files[i]);
            if (text.Length + line.Length > MostCharacters)
                return (text.ToString(), files.Count - i);
            text.Append(line).Append('\n');
        }

        return (text.ToString(), 0);
    }

    private static string Line(ChangedFile file)
    {
        var name = file.OldPath is null ? QuotedName.Of(file.Path) : $"{QuotedName.Of(file.OldPath)} -> {QuotedName.Of(file.Path)}";
        var secret = file.Kind == ChangeKind.Untracked && LikelySecret.ByName(file.Path) is not null ? ", likely secret: do not open" : "";
        return $"{Word(file)} {name}{Counts(file)}{secret}";
    }

    private static string Word(ChangedFile file) => file.Kind switch
    {
        ChangeKind.Added => "added    ",
        ChangeKind.Deleted => "deleted  ",
        ChangeKind.Renamed => "renamed  ",
        ChangeKind.Unmerged => "conflict ",
        ChangeKind.Untracked => "untracked",
        _ => "modified ",
    };

    private static string Counts(ChangedFile file) =>
        file.IsSubmodule ? " (submodule)"
        : file.IsLink ? " (symbolic link)"
        : file.IsBinary ? " (binary)"
        : file.Added is { } added && file.Removed is { } removed ? string.Create(CultureInfo.InvariantCulture, $" (+{added} -{removed})")
        : "";
}
