namespace CodexCompanion.EndToEnd.Tests.Harness;

/// <summary>Tells what must not lie about after a test.</summary>
internal static class Leftovers
{
    // .NET's own diagnostic socket in temp: a process that a test kills with SIGKILL cannot remove it.
    private static readonly string[] RuntimesOwn = ["dotnet-diagnostic-", "clr-debug-pipe-"];

    /// <summary>Whether a path is a socket the product is responsible for.</summary>
    public static bool IsSocketOfOurs(string path) =>
        IsSocket(path) && !Array.Exists(RuntimesOwn, prefix => Path.GetFileName(path).StartsWith(prefix, StringComparison.Ordinal));

    // .NET shows a socket as a file of no ordinary kind: the attribute "device" is not set for it, but it can be told by opening it.
    private static bool IsSocket(string path)
    {
        if (Directory.Exists(path))
            return false;
        try
        {
            using var _ = File.OpenHandle(path);
            return false;
        }
        catch (IOException e)
        {
            // open() on a socket is ENXIO, "no such device or address"; a vanished file or a dangling link is something else.
            return e is not FileNotFoundException and not DirectoryNotFoundException;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }
}
