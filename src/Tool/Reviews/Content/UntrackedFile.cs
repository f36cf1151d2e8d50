using System.Text;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.Tool.Git;

namespace CodexCompanion.Tool.Reviews.Content;

/// <summary>An untracked file as a review may show it.</summary>
/// <param name="Path">Its name, relative to the root.</param>
/// <param name="Content">Its text; null when it is not shown.</param>
/// <param name="Note">Why it is not shown, or shown in part; null when there is nothing to say.</param>
/// <param name="Withheld">Whether it was held back as a likely secret.</param>
internal sealed record UntrackedFile(string Path, string? Content, string? Note, bool Withheld = false)
{
    // A file of code has a few kilobytes; what is longer is data, of which the begin tells enough.
    private const int MostBytes = 64 * 1024;

    // Where git itself looks for a NUL.
    private const int LookedAt = 8000;

    private const string LfsPointer = "version https://git-lfs.github.com/spec/";

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Reads one. Never throws, never follows a link, never waits on a device.</summary>
    /// <param name="root">Root of the repository, canonical.</param>
    /// <param name="path">Name below it, as git lists it.</param>
    public static UntrackedFile Read(string root, string path)
    {
        if (path.EndsWith('/'))
            return new UntrackedFile(path, Content: null, "another repository; its content is not part of this one");
        if (LikelySecret.ByName(path) is { } byName)
            return new UntrackedFile(path, Content: null, $"not shown: likely secret {byName}", Withheld: true);
        if (!GitName.IsUtf8(path))
            return new UntrackedFile(path, Content: null, "not shown: its name is not UTF-8");

        var full = System.IO.Path.Combine(root, path);
        try
        {
            var file = new FileInfo(full);
            if (file.LinkTarget is { } target)
                return new UntrackedFile(path, Content: null, $"symbolic link to {QuotedName.Of(target)}; not followed");
            if (!file.Exists || file.Attributes.HasFlag(FileAttributes.Directory) || file.Attributes.HasFlag(FileAttributes.Device))
                return new UntrackedFile(path, Content: null, "not a file any more");
            // A folder above it may have become a link since git listed it.
            var folder = System.IO.Path.GetDirectoryName(full)!;
            if (!string.Equals(CanonicalPath.Of(folder), System.IO.Path.GetFullPath(folder), StringComparison.Ordinal))
                return new UntrackedFile(path, Content: null, "lies behind a symbolic link; not followed");
            return Show(path, file);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return new UntrackedFile(path, Content: null, "cannot be read");
        }
    }

    private static UntrackedFile Show(string path, FileInfo file)
    {
        if (file.Length == 0)
            return new UntrackedFile(path, "", Note: null); // It may have become a pipe since git listed it: opening one waits for ever.
        using var stream = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
        var bytes = new byte[(int)Math.Min(stream.Length, MostBytes)];
        var read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        if (bytes.AsSpan(0, Math.Min(read, LookedAt)).Contains((byte)0))
            return new UntrackedFile(path, Content: null, $"binary, {stream.Length} bytes");

        var text = Utf8.GetString(bytes, 0, read);
        if (LikelySecret.ByContent(text) is { } byContent)
            return new UntrackedFile(path, Content: null, $"not shown: likely secret, {byContent}", Withheld: true);
        var note = stream.Length > read ? $"trimmed: the first {read} of {stream.Length} bytes"
            : text.StartsWith(LfsPointer, StringComparison.Ordinal) ? "a Git LFS pointer; the content itself is not here"
            : null;
        return new UntrackedFile(path, text, note);
    }
}
