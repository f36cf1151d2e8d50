using System.Security.Cryptography;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;

namespace CodexCompanion.Tool.Selftest;

/// <summary>The one temporary folder everything of a self-test lies in.</summary>
internal static class PrivateFolder
{
    // What comes below it on the way to a broker's socket: its own name, the row's folder, the folder for temporary files, the folder of
    // the sockets with a user id, the name of an instance.
    private const int BytesBelow = 70;

    /// <summary>Creates it, open to nobody else.</summary>
    /// <exception cref="IOException">It cannot be created.</exception>
    public static string Create()
    {
        var path = Path.Combine(Base(), "cc-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(3)));
        if (PrivateDirectory.Ensure(NativeDisk.Instance, path) is { } problem)
            throw new IOException(problem);
        return CanonicalPath.Of(path);
    }

    /// <summary>Removes it with all that is in it.</summary>
    /// <returns>Why that did not work, in one sentence; null when it did.</returns>
    public static string? Remove(string path)
    {
        try
        {
            if (Directory.Exists(path))
                Directory.Delete(path, recursive: true);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{path} could not be removed: {e.Message}";
        }
    }

    // Some systems give temp a path so long that no socket fits below ours; the rows are to show brokers, so a shorter one is taken.
    private static string Base()
    {
        const string Short = "/tmp";
        var temp = SystemTemp.Of(Environment.GetEnvironmentVariable);
        return OperatingSystem.IsWindows() || temp.Length + BytesBelow <= SocketPath.Limit || !Directory.Exists(Short) ? temp : Short;
    }
}
