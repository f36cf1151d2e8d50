using CodexCompanion.StateStore;
using CodexCompanion.Tool.CommandLine;

namespace CodexCompanion.Tool.Commands;

/// <summary>The directory a command works in.</summary>
internal static class WorkingDirectory
{
    /// <summary>The directory this process was started in; empty when it was deleted. The process then moves to one that is there: libraries
    /// ask for it, and fail where there is none.</summary>
    public static string OfProcess()
    {
        try
        {
            return Environment.CurrentDirectory;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var temp = SystemTemp.Of(Environment.GetEnvironmentVariable);
            Environment.CurrentDirectory = Directory.Exists(temp) ? temp : Path.GetPathRoot(temp)!;
            return "";
        }
    }

    /// <summary>A path as it was meant: from where the process was started; null when that is gone and the path is not absolute.</summary>
    public static string? Absolute(string path, ToolHost host) => Absolute(path, host.CurrentDirectory);

    /// <summary>A path as it was meant: from a directory; null when that is gone (empty) and the path is not absolute.</summary>
    public static string? Absolute(string path, string directory)
    {
        if (directory.Length > 0)
            return Path.GetFullPath(path, directory);
        return Path.IsPathFullyQualified(path) ? Path.GetFullPath(path) : null;
    }

    /// <summary>That of <c>--cwd</c>, taken from where the process was started; else where the process was started.</summary>
    /// <returns>An absolute path of a directory that is there.</returns>
    public static Attempt<string> Of(CommandCall call, ToolHost host)
    {
        var given = call.Options.Value(GlobalOptions.Cwd);
        if (given is null)
            return Directory.Exists(host.CurrentDirectory) ? host.CurrentDirectory : CommandError.Usage("The current directory is gone.", "Name one that is there with --cwd.");
        if (string.IsNullOrWhiteSpace(given))
            return CommandError.Usage("--cwd needs the path of a directory.");

        if (Absolute(given, host) is not { } full)
            return CommandError.Usage("The current directory is gone, so --cwd needs an absolute path.");
        var path = Path.TrimEndingDirectorySeparator(full);
        if (Directory.Exists(path))
            return path;
        return CommandError.Usage(File.Exists(path) ? $"--cwd {given}: not a directory." : $"--cwd {given}: there is no such directory.");
    }
}
