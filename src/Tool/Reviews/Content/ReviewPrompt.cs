using System.Text;
using CodexCompanion.Tool.Git;
using CodexCompanion.Tool.Reviews.Prompts;

namespace CodexCompanion.Tool.Reviews.Content;

/// <summary>Puts the prompt of an adversarial review together: our instructions, the user's focus, the material between marks.</summary>
internal static class ReviewPrompt
{
    /// <summary>Longest prompt that a turn takes, in characters. The server counts whole characters, we UTF-16 units: never too few.</summary>
    public const int LongestPrompt = 1_048_576;

    // Marks, labels and notices around the material; generously.
    private const int Margin = 8 * 1024;

    // A focus is a sentence or a page; what is longer crowds out what it is about.
    private const int LongestFocus = 64 * 1024;

    private const string LfsMark = "version https://git-lfs.github.com/spec/";

    /// <summary>Makes the prompt.</summary>
    /// <param name="changes">What to review.</param>
    /// <param name="focus">What the user wants looked at; empty for everything.</param>
    public static ReviewContext Make(Changes changes, string focus)
    {
        var trimmed = new List<string>();
        focus = Cut(focus, LongestFocus, "the focus", trimmed);
        var (list, leftOut) = FileList.Of(changes.Files);
        if (leftOut > 0)
            trimmed.Add($"{leftOut} of {changes.Files.Count} files are not in the list.");

        var room = LongestPrompt - Margin - AdversarialPrompt.LongestInstructions - focus.Length - list.Length;
        var blocks = new List<(string Label, string Content)> { ("list of changed files", list) };
        if (changes.Inline)
            AddMaterial(changes, blocks, ref room, trimmed);

        var boundary = Boundary.For([focus, .. blocks.Select(block => block.Label), .. blocks.Select(block => block.Content)]);
        var notes = Notes(changes, blocks).ToList();
        var prompt = new StringBuilder(AdversarialPrompt.Instructions(changes.Target, changes.Files.Count, changes.Inline, focus, boundary));
        foreach (var (label, content) in blocks)
            prompt.Append('\n').Append(boundary.Enclose(label, content));
        foreach (var sentence in trimmed.Select(t => "Trimmed: " + t).Concat(notes))
            prompt.Append('\n').Append(sentence);
        prompt.Append('\n').Append(AdversarialPrompt.Ending);

        var withheld = changes.Untracked.Where(file => file.Withheld).Select(file => file.Path)
            .Concat(changes.Inline ? [] : changes.Files.Where(IsLikelySecret).Select(file => file.Path)).ToList();
        return new ReviewContext(prompt.ToString(), changes.Inline, Summary(changes), trimmed, withheld);
    }

    private static void AddMaterial(Changes changes, List<(string, string)> blocks, ref int room, List<string> trimmed)
    {
        if (changes.Patch!.Length > 0)
        {
            var patch = Cut(changes.Patch, room, "the diff", trimmed, changes.PatchIsCut);
            room -= patch.Length;
            blocks.Add(("diff of the tracked files", patch));
        }

        foreach (var file in changes.Untracked)
        {
            if (file.Content is null)
                continue;
            var name = QuotedName.Of(file.Path);
            if (room <= name.Length + Margin)
            {
                trimmed.Add($"the untracked file {name} and those after it are only in the list.");
                break;
            }

            var content = Cut(file.Content, room - name.Length - Margin, $"the untracked file {name}", trimmed);
            room -= content.Length + name.Length + 200;
            blocks.Add(($"untracked file {name}{(file.Note is null ? "" : $", {file.Note}")}", content));
        }

        var unseen = string.Concat(changes.Untracked.Where(file => file.Content is null).Select(file => $"{QuotedName.Of(file.Path)}: {file.Note}\n"));
        if (unseen.Length > 0)
            blocks.Add(("untracked files that are not shown", Cut(unseen, Math.Max(0, room - Margin), "the list of untracked files", trimmed)));
    }

    private static IEnumerable<string> Notes(Changes changes, IReadOnlyList<(string Label, string Content)> blocks)
    {
        if (blocks.Any(block => block.Content.Contains(LfsMark, StringComparison.Ordinal)))
            yield return "Some of these files are Git LFS pointers; their content is not here, and is not to be judged.";
        if (changes.Files.Any(file => file.IsSubmodule))
            yield return "Of a submodule only the recorded commit is compared; its files belong to another repository.";
        if (changes.Files.Any(file => file.Kind == ChangeKind.Unmerged))
            yield return "Files in conflict hold both sides between conflict marks; the marks are not a finding, a wrong resolution is.";
        if (changes.Target.Repository.UnderWay is { } underWay && changes.Target.WithUntracked)
            yield return $"A {underWay} is under way in this repository.";
    }

    private static string Cut(string text, int most, string what, List<string> trimmed, bool isBegin = false)
    {
        if (text.Length <= most)
        {
            if (isBegin)
                trimmed.Add($"{what} is longer than the {text.Length} characters shown.");
            return text;
        }

        var at = Math.Max(0, most);
        if (at > 0 && char.IsHighSurrogate(text[at - 1]))
            at--;
        trimmed.Add(isBegin ? $"{what} is longer than the {at} characters shown." : $"{what} has {text.Length} characters, of which the first {at} are shown.");
        return text[..at];
    }

    private static bool IsLikelySecret(ChangedFile file) => file.Kind == ChangeKind.Untracked && LikelySecret.ByName(file.Path) is not null;

    private static string Summary(Changes changes)
    {
        var untracked = changes.Files.Count(file => file.Kind == ChangeKind.Untracked);
        var files = $"{changes.Files.Count} changed file{(changes.Files.Count == 1 ? "" : "s")}{(untracked > 0 ? $", {untracked} of them untracked" : "")}";
        return changes.Inline ? $"{files}; the changes are in the prompt." : $"{files}; the prompt holds a lightweight summary, and Codex looks at the changes itself.";
    }
}
