using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Tests.Processes;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.AppServer;

public sealed class AppServerEnvironmentTests : IDisposable
{
    private readonly ScratchFolder _home = new();
    private readonly Dictionary<string, string> _caller = new(StringComparer.Ordinal);

    public AppServerEnvironmentTests() => _caller["CODEX_HOME"] = _home.Path;

    [Theory]
    [InlineData("HOME")]
    [InlineData("PATH")]
    [InlineData("LC_ALL")]
    [InlineData("XDG_RUNTIME_DIR")]
    [InlineData("TMPDIR")]
    [InlineData("CODEX_API_KEY")]
    [InlineData("CODEX_CA_CERTIFICATE")]
    [InlineData("OPENAI_API_KEY")]
    [InlineData("OPENAI_BASE_URL")]
    [InlineData("https_proxy")]
    [InlineData("NO_PROXY")]
    [InlineData("SSL_CERT_FILE")]
    [InlineData("DOTNET_ROOT")]
    [InlineData("DOTNET_ROOT_X64")]
    public void What_codex_itself_needs_is_passed_on(string name) => Assert.Equal("value", Build(name).GetValueOrDefault(name));

    [Theory]
    [InlineData("CLAUDE_CODE_SESSION")]
    [InlineData("ANTHROPIC_API_KEY")]
    [InlineData("GITHUB_TOKEN")]
    [InlineData("AWS_SECRET_ACCESS_KEY")]
    [InlineData("MY_PASSWORD")]
    [InlineData("LD_PRELOAD")]
    [InlineData("NODE_OPTIONS")]
    [InlineData("DOTNET_EnableDiagnostics")]
    [InlineData("CODEX_COMPANION_JOB")]
    [InlineData("CODEX_COMPANION_SESSION_ID")]
    [InlineData("CODEX_COMPANION_STATE_DIR")]
    [InlineData("CODEX_THREAD_ID")]
    [InlineData("CODEX_MANAGED_BY_BUN")]
    public void Nothing_else_is(string name) => Assert.DoesNotContain(name, Build(name).Keys);

    [Fact]
    public void The_instance_marks_it_whatever_the_caller_is_marked_with()
    {
        _caller["CODEX_COMPANION_INSTANCE"] = "of another";
        Assert.Equal("mine", AppServerEnvironment.Build(_caller, "mine")["CODEX_COMPANION_INSTANCE"]);
    }

    [Fact]
    public void Variables_that_the_configuration_of_codex_names_are_passed_on()
    {
        _home.Write("config.toml", """
            model = "m"                       # COMMENT_KEY
            model_providers.dotted.env_key = "DOTTED_KEY"
            [model_providers.azure]           # "NOT_THIS"
            name = "AZURE_NAME"
            env_key = "AZURE_KEY"
            env_http_headers = { "X-Key" = "HEADER_KEY", "X-Other" = 'OTHER_KEY' }
            [model_providers."my.own".env_http_headers]
            "X-Deep" = "DEEP_KEY"
            [mcp_servers.files]
            command = "FILES_COMMAND"
            bearer_token_env_var = "BEARER_KEY"
            env_vars = [
              "LISTED_KEY",
              # "COMMENTED_KEY",
              "LAST_KEY",
            ]
            startup_timeout_sec = 5
            [mcp_servers]
            inline = { url = "http://x", bearer_token_env_var = "INLINE_KEY" }
            [other.section]
            env_key = "FOREIGN_KEY"
            """);
        string[] named = ["DOTTED_KEY", "AZURE_KEY", "HEADER_KEY", "OTHER_KEY", "DEEP_KEY", "BEARER_KEY", "LISTED_KEY", "LAST_KEY", "INLINE_KEY"];
        string[] notNamed = ["COMMENT_KEY", "NOT_THIS", "AZURE_NAME", "FILES_COMMAND", "COMMENTED_KEY", "FOREIGN_KEY"];
        foreach (var name in named.Concat(notNamed))
            _caller[name] = "value";
        var environment = AppServerEnvironment.Build(_caller, "mine");
        Assert.All(named, name => Assert.Contains(name, environment.Keys));
        Assert.All(notNamed, name => Assert.DoesNotContain(name, environment.Keys));
    }

    [Fact]
    public void The_login_of_a_provider_that_is_built_in_is_passed_on_only_where_it_is_used()
    {
        Assert.DoesNotContain("AWS_PROFILE", Build("AWS_PROFILE").Keys);
        _home.Write("config.toml", "model_provider = \"amazon-bedrock\"\n");
        Assert.Contains("AWS_PROFILE", Build("AWS_PROFILE").Keys);
    }

    [Fact]
    public void A_variable_of_ours_is_not_passed_on_even_if_named()
    {
        _home.Write("config.toml", "[model_providers.x]\nenv_key = \"CODEX_COMPANION_JOB\"\n");
        Assert.DoesNotContain("CODEX_COMPANION_JOB", Build("CODEX_COMPANION_JOB").Keys);
    }

    [Fact]
    public void What_the_npm_launcher_would_have_added_is_added()
    {
        _caller["PATH"] = "/usr/bin";
        var environment = AppServerEnvironment.Build(_caller, "mine", new NpmPackage("/package", "PNPM", "/package/path"));
        Assert.Equal("/package", environment["CODEX_MANAGED_PACKAGE_ROOT"]);
        Assert.Equal("1", environment["CODEX_MANAGED_BY_PNPM"]);
        Assert.Equal($"/package/path{Path.PathSeparator}/usr/bin", environment["PATH"]);
    }

    public void Dispose() => _home.Dispose();

    private IReadOnlyDictionary<string, string> Build(string name)
    {
        _caller[name] = "value";
        return AppServerEnvironment.Build(_caller, "mine");
    }
}
