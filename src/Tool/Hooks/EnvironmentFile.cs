using System.Text;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Hooks;

/// <summary>
/// The file that <c>CLAUDE_ENV_FILE</c> names: shell lines the host runs before every command of the session. Hooks of several plugins
/// add to it at the same time.
/// </summary>
internal static class EnvironmentFile
{
    // It holds some exports; what is larger is something else, and reading it would take longer than a hook may.
    private const long Largest = 4 * 1024 * 1024;

    // Another run of this hook holds the file for a millisecond. After these the line is added without asking.
    private const int Tries = 40;
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(1);

    /// <summary>Adds what is missing: each variable once, however often this is called, and again only when its value has changed.</summary>
    /// <returns>Why it could not; null when all is there.</returns>
    public static async Task<string?> ExportAsync(string path, IReadOnlyList<(string Name, string Value)> variables, TimeProvider time)
    {
        try
        {
            var (target, facts) = (path, NativeDisk.Instance.Look(path));
            if (facts is { Kind: FileKind.Link })
            {
                target = File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName;
                facts = NativeDisk.Instance.Look(target);
            }

            if (facts is { Kind: not FileKind.Regular })
                return $"{path} is not a regular file.";
            if (facts?.Size > Largest)
                return $"{path} is too large for a file of variables.";
            await using var own = await OpenAsync(target, time);
            var content = own is null ? await File.ReadAllTextAsync(target) : await ReadAsync(own);
            var missing = Missing(content, variables);
            if (missing.Length == 0)
                return null;

            // On Windows nobody else may open the file meanwhile; elsewhere other programs append as they like, so one write at its end it is.
            if (OperatingSystem.IsWindows() && own is not null)
                own.Write(Encoding.UTF8.GetBytes(missing));
            else
                NativeDisk.Instance.Append(target, Encoding.UTF8.GetBytes(missing));
            return null;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return $"{path} cannot be written: {problem.Message}";
        }
    }

    private static string Missing(string content, IReadOnlyList<(string Name, string Value)> variables)
    {
        var missing = new StringBuilder();
        foreach (var (name, value) in variables)
        {
            var begin = $"export {name}=";
            var line = $"{begin}{ShellWord.Quote(value)}\n";

            // What the shell would run last counts: an older value may stand further up.
            var last = ("\n" + content).LastIndexOf("\n" + begin, StringComparison.Ordinal);
            if (last < 0 || !content.AsSpan(last).StartsWith(line, StringComparison.Ordinal))
                missing.Append(line);
        }

        // Somebody else's last line may have no end.
        return missing.Length > 0 && content.Length > 0 && content[^1] != '\n' ? "\n" + missing : missing.ToString();
    }

    private static async Task<Stream?> OpenAsync(string path, TimeProvider time)
    {
        for (var i = 0; i < Tries; i++)
        {
            if (NativeDisk.Instance.OpenExclusively(path, create: true) is { } file)
                return file;
            await Task.Delay(BetweenTries, time);
        }

        return null;
    }

    private static async Task<string> ReadAsync(Stream file)
    {
        using var reader = new StreamReader(file, Encoding.UTF8, detectEncodingFromByteOrderMarks: false, leaveOpen: true);
        return await reader.ReadToEndAsync();
    }
}
