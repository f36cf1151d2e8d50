using System.Text.Json;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Commands;

namespace CodexCompanion.Tool.Transfer;

/// <summary>The transcript of a Claude session, verified to be one of this user's.</summary>
/// <param name="Path">Where it lies, canonical.</param>
/// <param name="SessionId">The session.</param>
/// <param name="Cwd">Where the session worked; null when the transcript does not say.</param>
/// <param name="IsWhereCodexLooks">Whether it lies in the one folder that Codex imports from.</param>
internal sealed record TranscriptSource(string Path, string SessionId, string? Cwd, bool IsWhereCodexLooks)
{
    // The working directory stands in the first entries; what comes before are summaries.
    private const int MostLines = 200;

    // An entry may hold a picture or two; what is longer than some pictures is no transcript, or tells where it worked too late.
    private const int MostBytes = 16 * 1024 * 1024;

    // Codex reads a session as a whole and takes five to seven times its size of memory for it (measured: 1.1 to 1.4 GiB for 200 MB); sessions of days have
    // some dozen megabytes.
    private const long LargestMebibytes = 256;

    private const string Extension = ".jsonl";

    /// <summary>Finds the transcript of a call.</summary>
    /// <param name="given">What <c>--source</c> names; null for the session that calls.</param>
    /// <param name="directory">What that is relative to; empty when it is gone.</param>
    /// <param name="variables">The environment.</param>
    public static Attempt<TranscriptSource> Find(string? given, string directory, IReadOnlyDictionary<string, string> variables)
    {
        var roots = Roots(variables).ToList();
        if (given is not null && string.IsNullOrWhiteSpace(given))
            return CommandError.Usage("--source needs the path of a transcript (JSONL).");
        var path = given is null ? OfThisSession(roots, variables) : WorkingDirectory.Absolute(WithHome(given, variables), directory);
        if (path is null && given is not null)
            return CommandError.Usage("The current directory is gone, so --source needs an absolute path.");
        if (path is null)
        {
            return CommandError.Usage(
                "Which session? There is no Claude session here whose transcript could be found.", "Name the transcript: --source FILE.jsonl");
        }

        if (!path.EndsWith(Extension, StringComparison.Ordinal))
            return CommandError.Usage($"{path} is no transcript of a Claude session; those end in .jsonl.");
        if (!RegularFile.IsAt(path))
            return CommandError.Usage(System.IO.Path.Exists(path) ? $"{path} is no regular file." : $"{path}: there is no such file.");

        // Only after every link was followed it shows where it really lies.
        var canonical = CanonicalPath.Of(path);
        if (!roots.Exists(root => IsBelow(canonical, root)))
        {
            return CommandError.Usage(
                $"{path} does not lie below {string.Join(" or ", roots)}; only transcripts of Claude sessions are transferred.");
        }

        if (new FileInfo(canonical).Length is var size and > LargestMebibytes * 1024 * 1024)
        {
            return CommandError.Usage(
                $"{path} has {size / 1024 / 1024} MiB; sessions over {LargestMebibytes} MiB are not transferred, since Codex takes some seven times as much memory to read one.",
                "Let Claude sum the session up, and give that to `codex-companion task`.");
        }

        if (Unreadable(canonical) is { } reason)
            return CommandError.Usage($"{path} cannot be read: {reason}");
        return new TranscriptSource(
            canonical, System.IO.Path.GetFileNameWithoutExtension(canonical), ReadCwd(canonical),
            roots.Count > 0 && Home(variables) is { } home && IsBelow(canonical, CanonicalPath.Of(System.IO.Path.Combine(home, ".claude", "projects"))));
    }

    private static string? OfThisSession(List<string> roots, IReadOnlyDictionary<string, string> variables)
    {
        var session = Variable(variables, "CLAUDE_CODE_SESSION_ID") ?? Variable(variables, "CODEX_COMPANION_SESSION_ID");
        if (session is not null && session.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
        {
            // A project's folder each, and the session's name is unique over all of them.
            var found = roots.Where(Directory.Exists).SelectMany(Directory.EnumerateDirectories)
                .Select(folder => System.IO.Path.Combine(folder, session + Extension)).FirstOrDefault(File.Exists);
            if (found is not null)
                return found;
        }

        return Variable(variables, "CODEX_COMPANION_TRANSCRIPT_PATH");
    }

    private static IEnumerable<string> Roots(IReadOnlyDictionary<string, string> variables)
    {
        if (Variable(variables, "CLAUDE_CONFIG_DIR") is { } configured && System.IO.Path.IsPathFullyQualified(configured))
            yield return CanonicalPath.Of(System.IO.Path.Combine(configured, "projects"));
        if (Home(variables) is { } home)
            yield return CanonicalPath.Of(System.IO.Path.Combine(home, ".claude", "projects"));
    }

    private static string? Unreadable(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    private static string? ReadCwd(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
            var begin = new byte[(int)Math.Min(file.Length, MostBytes)];
            var read = file.ReadAtLeast(begin, begin.Length, throwOnEndOfStream: false);
            var rest = begin.AsMemory(0, read);
            for (var line = 0; line < MostLines && rest.Length > 0; line++)
            {
                var end = rest.Span.IndexOf((byte)'\n');
                if (CwdIn(end < 0 ? rest : rest[..end]) is { } cwd)
                    return cwd;
                rest = end < 0 ? default : rest[(end + 1)..];
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The import will say what is wrong with it.
        }

        return null;
    }

    private static string? CwdIn(ReadOnlyMemory<byte> line)
    {
        try
        {
            using var entry = JsonDocument.Parse(line);
            return entry.RootElement.Text("cwd") is { Length: > 0 } cwd && System.IO.Path.IsPathFullyQualified(cwd) ? cwd : null;
        }
        catch (JsonException)
        {
            return null; // The last line of a growing transcript may be half written.
        }
    }

    private static bool IsBelow(string path, string root) =>
        path.StartsWith(root + System.IO.Path.DirectorySeparatorChar, OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);

    private static string WithHome(string path, IReadOnlyDictionary<string, string> variables) =>
        path.StartsWith("~/", StringComparison.Ordinal) && Home(variables) is { } home ? System.IO.Path.Combine(home, path[2..]) : path;

    private static string? Home(IReadOnlyDictionary<string, string> variables) => Variable(variables, OperatingSystem.IsWindows() ? "USERPROFILE" : "HOME");

    private static string? Variable(IReadOnlyDictionary<string, string> variables, string name) =>
        variables.TryGetValue(name, out var value) && value.Length > 0 ? value : null;
}
