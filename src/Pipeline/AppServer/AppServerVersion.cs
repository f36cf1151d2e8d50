using System.Buffers;

namespace CodexCompanion.Pipeline.AppServer;

/// <summary>The version of codex, as its app-server tells it.</summary>
public static class AppServerVersion
{
    /// <summary>The oldest that works: it has the protocol's turns, items and client message ids that recovery needs.</summary>
    public static Version Minimum { get; } = new(0, 142, 0);

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    /// <summary>
    /// Reads it from a user agent, which begins with the client's name, a slash and the server's version:
    /// "codex-companion/0.169.0 (Debian 12.0.0; x86_64) …". A pre-release counts as its release.
    /// </summary>
    /// <returns>Null when there is none; 0.0.0, which stands in builds from source, tells nothing either.</returns>
    public static Version? Read(string userAgent)
    {
        var slash = userAgent.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
            return null;
        var rest = userAgent.AsSpan(slash + 1);
        var end = rest.IndexOfAnyExcept(Digits);
        return Version.TryParse(end < 0 ? rest : rest[..end], out var version) && version > new Version(0, 0, 0) ? version : null;
    }
}
