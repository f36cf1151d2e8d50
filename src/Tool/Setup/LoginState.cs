using System.Text.Json;
using System.Text.Json.Serialization;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Rpc;

namespace CodexCompanion.Tool.Setup;

/// <summary>Who is logged in, as the server tells it.</summary>
internal sealed record LoginState
{
    /// <summary>Whether the server could be asked.</summary>
    public bool Available { get; init; }

    /// <summary>Whether turns will find a login, or need none.</summary>
    public bool LoggedIn { get; init; }

    /// <summary>One sentence.</summary>
    public required string Detail { get; init; }

    /// <summary>What told it: app-server; null when nothing did.</summary>
    public string? Source { get; init; }

    /// <summary>chatgpt, apiKey, …; null when there is none.</summary>
    public string? AuthMethod { get; init; }

    /// <summary>Whether the login was proved, and not only found; null when there is none.</summary>
    public bool? Verified { get; init; }

    /// <summary>Whether the provider in use wants an OpenAI login; null when unknown.</summary>
    public bool? RequiresOpenaiAuth { get; init; }

    /// <summary>The model provider in use; null when unknown.</summary>
    public string? Provider { get; init; }

    /// <summary>The command that mends it; null when there is none.</summary>
    [JsonIgnore]
    public string? Remedy { get; init; }

    /// <summary>The environment variable in which the provider looks for its key, where it is not set; null for none.</summary>
    [JsonIgnore]
    public string? MissingKey { get; init; }

    /// <summary>Asks.</summary>
    /// <param name="session">The server.</param>
    /// <param name="cwd">Whose configuration counts.</param>
    /// <param name="variables">The caller's environment, in which a provider may look for its key.</param>
    /// <param name="limit">How long an answer may take.</param>
    public static async Task<LoginState> AskAsync(
        IAppServerSession session, string cwd, IReadOnlyDictionary<string, string> variables, TimeSpan limit)
    {
        try
        {
            var answer = await session.CallAsync(AppServerMethods.AccountRead, AppServerCalls.AccountRead(), limit);
            var config = await ConfigAsync(session, cwd, limit);
            return WithKey(Of(answer, config), config, variables);
        }
        catch (Exception e) when (e is RpcErrorException or RpcTimeoutException or ConnectionLostException)
        {
            return new LoginState { Detail = e.Message, Source = "app-server" };
        }
    }

    /// <summary>Reads the answers.</summary>
    /// <param name="answer">Of <c>account/read</c>.</param>
    /// <param name="config">The resolved configuration; undefined when it could not be read.</param>
    internal static LoginState Of(JsonElement answer, JsonElement config)
    {
        var account = answer.Member("account");
        var provider = config.Text("model_provider");
        var needed = answer.Member("requiresOpenaiAuth").ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => (bool?)null,
        };
        var state = new LoginState
        {
            Detail = "",
            Available = true,
            Source = "app-server",
            RequiresOpenaiAuth = needed,
            Provider = provider,
        };
        return account.Text("type") switch
        {
            "chatgpt" => state with
            {
                LoggedIn = true,
                Verified = true,
                AuthMethod = "chatgpt",
                Detail = account.Text("email") is { Length: > 0 } email ? $"ChatGPT login active for {email}" : "ChatGPT login active",
            },
            "apiKey" => state with { LoggedIn = true, Verified = false, AuthMethod = "apiKey", Detail = "API key configured (unverified)" },
            { } other => state with { LoggedIn = true, AuthMethod = other, Detail = $"Login of the kind {other} active" },
            null when needed is false => state with { LoggedIn = true, Detail = $"{Name(config, provider)} is configured and does not require OpenAI authentication" },
            null => state with { Detail = $"{Name(config, provider)} requires OpenAI authentication, and nobody is logged in", Remedy = "codex login" },
        };
    }

    /// <summary>A provider that takes its key from a variable refuses every turn without it, whoever is logged in.</summary>
    internal static LoginState WithKey(LoginState state, JsonElement config, IReadOnlyDictionary<string, string> variables)
    {
        if (state.Provider is not { } provider || config.Member("model_providers").Member(provider).Text("env_key") is not { Length: > 0 } key
            || (variables.TryGetValue(key, out var value) && !string.IsNullOrWhiteSpace(value)))
            return state;
        return state with
        {
            LoggedIn = false,
            Verified = null,
            MissingKey = key,
            Detail = $"{Name(config, provider)} takes its key from the environment variable {key}, which is not set",
            Remedy = OperatingSystem.IsWindows() ? $"$env:{key} = '…'" : $"export {key}='…'",
        };
    }

    private static string Name(JsonElement config, string? provider) =>
        provider is null ? "OpenAI" : config.Member("model_providers").Member(provider).Text("name") is { Length: > 0 } name ? name : provider;

    private static async Task<JsonElement> ConfigAsync(IAppServerSession session, string cwd, TimeSpan limit)
    {
        try
        {
            return (await session.CallAsync(AppServerMethods.ConfigRead, AppServerCalls.ConfigRead(cwd), limit)).Member("config");
        }
        catch (RpcErrorException)
        {
            return default; // Only the provider's name is missing then.
        }
    }
}
