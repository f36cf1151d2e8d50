using CodexCompanion.Tool.Git;
using CodexCompanion.Tool.Reviews.Targets;

namespace CodexCompanion.Tool.Reviews.Content;

/// <summary>What a target changes, read as far as a prompt may show it.</summary>
/// <param name="Target">The target.</param>
/// <param name="Files">Its files.</param>
/// <param name="Patch">The patch of the tracked ones; null when it is not shown.</param>
/// <param name="PatchIsCut">Whether there is more of it.</param>
/// <param name="Untracked">The untracked ones; empty when they are not shown.</param>
internal sealed record Changes(
    ReviewTarget Target, IReadOnlyList<ChangedFile> Files, string? Patch, bool PatchIsCut, IReadOnlyList<UntrackedFile> Untracked)
{
    /// <summary>Most files whose changes go into a prompt unasked: two fit on a page, more are better looked at one by one.</summary>
    public const int FewFiles = 2;

    /// <summary>Most bytes of changes that go into a prompt unasked, those of untracked files included.</summary>
    public const int SmallChange = 256 * 1024;

    /// <summary>Why git could not show the changes, in a sentence; null when it could, or was not asked.</summary>
    public string? Problem { get; init; }

    /// <summary>Whether the changes are shown.</summary>
    public bool Inline => Patch is not null;

    /// <summary>Reads them.</summary>
    public static async Task<Changes> ReadAsync(ChangeReader reader, ReviewTarget target, IReadOnlyList<ChangedFile> files, Inlining inlining)
    {
        var without = new Changes(target, files, Patch: null, PatchIsCut: false, []);
        if (inlining == Inlining.Never || (inlining == Inlining.Auto && files.Count > FewFiles))
            return without;

        var most = inlining == Inlining.Auto ? SmallChange : ReviewPrompt.LongestPrompt;
        var patch = files.All(file => file.Kind == ChangeKind.Untracked)
            ? null
            : await reader.PatchAsync(target, most);
        if (patch is { Succeeded: false })
            return without with { Problem = $"Git could not show the changes, which Codex looks at itself now: {patch.Complaint}" };
        if (inlining == Inlining.Auto && patch is { CutOff: true })
            return without;

        var untracked = new List<UntrackedFile>();
        long shown = patch?.Output.Length ?? 0;
        foreach (var file in files.Where(file => file.Kind == ChangeKind.Untracked))
        {
            // What cannot fit any more is named and not read.
            var read = shown < most
                ? UntrackedFile.Read(target.Repository.Root, file.Path)
                : new UntrackedFile(file.Path, Content: null, "not shown: the prompt is full");
            shown += read.Content?.Length ?? 0;
            untracked.Add(read);
        }

        return inlining == Inlining.Auto && shown > SmallChange
            ? without
            : new Changes(target, files, patch?.Text ?? "", patch?.CutOff ?? false, untracked);
    }
}
