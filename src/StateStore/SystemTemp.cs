namespace CodexCompanion.StateStore;

/// <summary>The folder for temporary files, as an absolute path: what is found there must be found from any directory.</summary>
public static class SystemTemp
{
    // What the system itself takes when TMPDIR names nothing.
    private const string Usual = "/tmp";

    /// <summary>The folder that the environment names; a relative <c>TMPDIR</c> is passed over, since a broker works elsewhere than its clients.</summary>
    public static string Of(Func<string, string?> environment)
    {
        if (OperatingSystem.IsWindows())
            return Path.GetTempPath();
        return environment("TMPDIR") is { } named && Path.IsPathFullyQualified(named) ? named : Usual;
    }
}
