namespace CodexCompanion.Pipeline.Tests.Support;

/// <summary>Tells whether a file is for its user alone.</summary>
internal static class PrivateFile
{
    public static bool Is(string path) =>
        OperatingSystem.IsWindows() || File.GetUnixFileMode(path) == (UnixFileMode.UserRead | UnixFileMode.UserWrite);
}
