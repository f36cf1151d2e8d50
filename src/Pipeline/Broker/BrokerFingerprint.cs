using System.Globalization;
using System.Text;
using System.Text.Json;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.StateStore.Disk;

namespace CodexCompanion.Pipeline.Broker;

/// <summary>
/// Hash over exactly what makes one app-server unfit for another caller: which codex, whose account, which providers and MCP servers,
/// which proxies and keys, which tool. Never PATH, and nothing else of config.toml: a writing thread edits that file itself, and a
/// running server reads it again.
/// </summary>
public static class BrokerFingerprint
{
    private static readonly string[] NetworkVariables =
    [
        "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy",
        "SSL_CERT_FILE", "SSL_CERT_DIR", "CODEX_CA_CERTIFICATE", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
    ];

    /// <summary>Computes it.</summary>
    /// <param name="codex">The codex that would run.</param>
    /// <param name="appServerEnvironment">The environment its app-server would get.</param>
    /// <param name="toolVersion">Version of the tool.</param>
    /// <returns>16 lower-case hexadecimal digits.</returns>
    public static string Compute(CodexBinary codex, IReadOnlyDictionary<string, string> appServerEnvironment, string toolVersion)
    {
        var home = CodexHome.Resolve(appServerEnvironment);
        var facts = new List<string>
        {
            codex.Path,
            string.Join(' ', codex.LeadingArguments),
            codex.Size.ToString(CultureInfo.InvariantCulture),
            codex.ModifiedAt.UtcTicks.ToString(CultureInfo.InvariantCulture),
            home ?? "",
            toolVersion,
        };
        facts.AddRange(NetworkVariables.Select(name => name + "=" + appServerEnvironment.GetValueOrDefault(name)));
        facts.AddRange(Secrets(appServerEnvironment));
        facts.AddRange(Account(home is null ? null : Path.Combine(home, "auth.json")));
        facts.AddRange(Sections(CodexHome.ConfigFile(appServerEnvironment)));
        return Hash(facts);
    }

    private static List<string> Secrets(IReadOnlyDictionary<string, string> environment)
    {
        var secrets = new List<string>();
        foreach (var (name, value) in environment)
        {
            if (IsSecret(name))
                secrets.Add(name + "=" + value);
        }

        secrets.Sort(StringComparer.Ordinal); // The order of an environment means nothing.
        return secrets;
    }

    private static bool IsSecret(string name) =>
        name.EndsWith("_KEY", StringComparison.Ordinal) || name.EndsWith("_TOKEN", StringComparison.Ordinal);

    // The account's id, not the file: its tokens are refreshed all the time. A key stored there is an account of its own.
    private static IEnumerable<string> Account(string? file)
    {
        if (file is null || ReadText(file) is not { } text)
            return ["no account"];
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                return ["odd account"];
            var account = root.TryGetProperty("tokens", out var tokens) && tokens.ValueKind == JsonValueKind.Object
                && tokens.TryGetProperty("account_id", out var id) ? id.ToString() : "";
            var key = root.TryGetProperty("OPENAI_API_KEY", out var stored) ? stored.ToString() : "";
            return [account, key];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // The latter: half a surrogate pair, which is no text.
        {
            return ["odd account"]; // Caught in mid-write, or damaged: codex itself will say so.
        }
    }

    private static IEnumerable<string> Sections(string? file)
    {
        var inside = false;
        foreach (var line in file is null ? [] : ConfigToml.Lines(file) ?? [])
        {
            var text = line.Trim();
            if (text.Length == 0 || text[0] == '#')
                continue;
            if (text[0] == '[')
                inside = IsRelevant(text.TrimStart('['));
            if (inside || IsRelevant(text))
                yield return text;
        }
    }

    private static bool IsRelevant(string text) =>
        text.AsSpan().TrimStart(" \t\"'") is var name
        && (name.StartsWith("model_providers", StringComparison.Ordinal) || name.StartsWith("mcp_servers", StringComparison.Ordinal));

    private static string? ReadText(string file)
    {
        try
        {
            // Looked at first: an exception costs more than all the rest of this.
            return RegularFile.IsAt(file) ? File.ReadAllText(file) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // Missing or not ours to read: the same for broker and client.
        }
    }

    private static string Hash(IEnumerable<string> facts)
    {
        using var all = new MemoryStream();
        foreach (var fact in facts)
        {
            var bytes = Encoding.UTF8.GetBytes(fact);
            all.Write(BitConverter.GetBytes(bytes.Length)); // Length first: two facts can never pose as one.
            all.Write(bytes);
        }

        return Convert.ToHexStringLower(Sha256.Hash(all.ToArray()).AsSpan(0, 8));
    }
}
