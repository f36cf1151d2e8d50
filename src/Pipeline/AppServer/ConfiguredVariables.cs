namespace CodexCompanion.Pipeline.AppServer;

/// <summary>
/// The environment variables that codex's own <c>config.toml</c> names: keys of model providers and MCP servers. Reads lines, not the
/// whole language; what it takes too much of is only a variable the user wrote there.
/// </summary>
internal static class ConfiguredVariables
{
    private const string Bedrock = "amazon-bedrock";

    private static readonly string[] Sections = ["model_providers", "mcp_servers"];
    private static readonly string[] NamingKeys = ["env_key", "bearer_token_env_var", "env_vars", "env_http_headers"];

    // What this built-in provider logs in with; no section names them.
    private static readonly string[] BedrockVariables =
    [
        "AWS_BEARER_TOKEN_BEDROCK", "AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_CA_BUNDLE",
    ];

    /// <summary>Their names; empty when the file does not exist, or cannot be read: codex says so itself then.</summary>
    public static IReadOnlySet<string> ReadFrom(string? path) => Read(path is null ? [] : ConfigToml.Lines(path) ?? []);

    /// <summary>Their names, from the lines of the file.</summary>
    public static IReadOnlySet<string> Read(IEnumerable<string> lines)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var section = "";
        var key = "";
        var openBrackets = 0;
        foreach (var text in lines.Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#'))
        {
            var value = text;
            if (openBrackets <= 0)
            {
                if (text[0] == '[')
                {
                    section = text.Split(']')[0].Trim('[', ' ');
                    continue;
                }

                var equals = text.IndexOf('=', StringComparison.Ordinal);
                if (equals < 0)
                    continue;
                key = $"{section}.{text[..equals]}";
                value = text[(equals + 1)..];
                openBrackets = 0;
            }

            openBrackets += value.Count(c => c is '[' or '{') - value.Count(c => c is ']' or '}');
            Take(key, value, names);
        }

        return names;
    }

    // A value names variables when a naming key stands in the path to it or, in an inline table, before it.
    private static void Take(string path, string value, HashSet<string> names)
    {
        var parts = path.Split('.').Select(p => p.Trim(' ', '"', '\'')).Where(p => p.Length > 0).ToList();
        if (parts[^1] == "model_provider" && value.Contains(Bedrock, StringComparison.Ordinal))
            names.UnionWith(BedrockVariables);
        if (!Sections.Contains(parts[0], StringComparer.Ordinal))
            return;
        var begin = parts.Exists(p => NamingKeys.Contains(p, StringComparer.Ordinal))
            ? 0
            : NamingKeys.Select(k => value.IndexOf(k, StringComparison.Ordinal)).Where(i => i >= 0).DefaultIfEmpty(-1).Min();
        if (begin >= 0)
            names.UnionWith(QuotedIn(value[begin..]).Where(IsVariableName));
    }

    private static IEnumerable<string> QuotedIn(string text)
    {
        for (var begin = text.IndexOfAny(['"', '\'']); begin >= 0;)
        {
            var end = text.IndexOf(text[begin], begin + 1);
            if (end < 0)
                yield break;
            yield return text[(begin + 1)..end];
            begin = text.IndexOfAny(['"', '\''], end + 1);
        }
    }

    private static bool IsVariableName(string text) =>
        text.Length > 0 && !char.IsAsciiDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
