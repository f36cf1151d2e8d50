using System.Text.RegularExpressions;

namespace CodexCompanion.Tool.Reviews.Content;

/// <summary>
/// Recognises files that most likely hold secrets, by name and by content. An untracked file is often untracked because of that, and a
/// review must not send it anywhere.
/// </summary>
internal static partial class LikelySecret
{
    private static readonly string[] Names =
    [
        ".env", ".envrc", ".netrc", ".npmrc", ".pypirc", ".pgpass", ".htpasswd", ".git-credentials", ".dockercfg", "id_rsa", "id_dsa", "id_ecdsa",
        "id_ed25519", "credentials", "credentials.json", "credentials.yml", "credentials.yaml", "secrets.json", "secrets.yml", "secrets.yaml",
        "secrets.toml", "secret.json", "service-account.json", "auth.json", "terraform.tfvars", "kubeconfig", "local.settings.json", "appsettings.secrets.json",
    ];

    private static readonly string[] Extensions = [".pem", ".key", ".pfx", ".p12", ".jks", ".keystore", ".ppk", ".kdbx", ".asc", ".gpg", ".tfstate", ".ovpn"];

    // Made to be shown: how the real file would look.
    private static readonly string[] Samples = [".example", ".sample", ".template", ".dist"];

    /// <summary>Why a file is most likely secret by its name, to follow "likely secret"; null when nothing speaks for it.</summary>
    public static string? ByName(string path)
    {
        var name = path[(path.LastIndexOf('/') + 1)..].ToLowerInvariant();
        if (Samples.Any(end => name.EndsWith(end, StringComparison.Ordinal)))
            return null;
        var isEnvironment = name.StartsWith(".env.", StringComparison.Ordinal) || name.EndsWith(".env", StringComparison.Ordinal);
        return isEnvironment || Names.Contains(name, StringComparer.Ordinal) || Extensions.Any(end => name.EndsWith(end, StringComparison.Ordinal))
            ? "by its name"
            : null;
    }

    /// <summary>The same by its content.</summary>
    public static string? ByContent(string text)
    {
        try
        {
            return Tokens().Match(text) is { Success: true } match
                ? match.Groups["key"].Success ? "it holds a private key" : "it holds what looks like an access token"
                : null;
        }
        catch (RegexMatchTimeoutException)
        {
            return "it could not be searched for tokens in time"; // Somebody took pains over that.
        }
    }

    // Forms that their issuers made recognisable; a plain word like "password" would be in half of all code.
    [GeneratedRegex(
        @"(?<key>-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----)" +
        @"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b" +
        @"|\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_[A-Za-z0-9_]{50,}\b|\bglpat-[A-Za-z0-9_-]{20,}" +
        @"|\bxox[abprs]-[A-Za-z0-9-]{10,}" +
        @"|\bsk-(?:proj-|ant-|live-)?[A-Za-z0-9_-]{20,}|\b[rs]k_live_[A-Za-z0-9]{20,}" +
        @"|\bAIza[0-9A-Za-z_-]{35}\b|\bya29\.[0-9A-Za-z_-]{20,}" +
        @"|\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
        RegexOptions.CultureInvariant, 2000)]
    private static partial Regex Tokens();
}
