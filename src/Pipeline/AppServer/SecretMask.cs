namespace CodexCompanion.Pipeline.AppServer;

/// <summary>
/// Takes the secrets of an environment out of a text. An app-server's last words go into logs and error messages, and a program in
/// trouble may well print what it was given.
/// </summary>
internal sealed class SecretMask
{
    // Shorter values are words like "1" or "true", whatever their name says; masking them would garble every text.
    private const int ShortestSecret = 8;

    private const string Mask = "[secret]";

    private static readonly string[] TellingNames = ["KEY", "TOKEN", "SECRET", "PASSWORD", "CREDENTIAL", "AUTH"];

    private readonly List<string> _secrets;

    /// <summary>Masks what an environment holds: values whose names tell, and passwords in URLs (those of proxies).</summary>
    public SecretMask(IReadOnlyDictionary<string, string> environment)
    {
        _secrets = environment
            .Where(v => TellingNames.Any(n => v.Key.Contains(n, StringComparison.OrdinalIgnoreCase)))
            .Select(v => v.Value)
            .Concat(environment.Values.Select(UserInfo).OfType<string>())
            .Where(s => s.Length >= ShortestSecret)
            .OrderByDescending(s => s.Length) // One may be the beginning of another.
            .ToList();
    }

    /// <summary>The text without them.</summary>
    public string Apply(string text)
    {
        foreach (var secret in _secrets)
            text = text.Replace(secret, Mask, StringComparison.Ordinal);
        return text;
    }

    private static string? UserInfo(string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var uri) && uri.UserInfo.Length > 0 ? uri.UserInfo : null;
}
