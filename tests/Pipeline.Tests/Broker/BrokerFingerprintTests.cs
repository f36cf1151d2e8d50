using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Tests.Processes;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Broker;

public sealed class BrokerFingerprintTests : IDisposable
{
    private const string Config = """
        model = "gpt-5"
        approval_policy = "never"

        [model_providers.mine]
        name = "Mine"
        base_url = "http://localhost:1/v1"
        env_key = "MINE_KEY"

        [mcp_servers.docs]
        command = "docs-server"
        args = ["--fast"]

        [mcp_servers.docs.env]
        LEVEL = "1"

        [tui]
        theme = "dark"
        """;

    private const string Auth = """
        {"OPENAI_API_KEY":null,"tokens":{"id_token":"a","access_token":"b","refresh_token":"c","account_id":"account-1"},"last_refresh":"2026-01-01T00:00:00Z"}
        """;

    private readonly ScratchFolder _home = new();
    private readonly Dictionary<string, string> _environment = new(StringComparer.Ordinal);
    private readonly string _before;
    private CodexBinary _codex = new("/opt/codex", [], "/usr/bin/codex", 1000, DateTimeOffset.UnixEpoch);
    private string _toolVersion = "0.1.0";

    public BrokerFingerprintTests()
    {
        _environment["CODEX_HOME"] = _home.Path;
        _environment["PATH"] = "/usr/bin";
        _environment["OPENAI_API_KEY"] = "sk-1";
        _home.Write("config.toml", Config);
        _home.Write("auth.json", Auth);
        _before = Compute();
    }

    public void Dispose() => _home.Dispose();

    [Fact]
    public void It_is_the_same_for_the_same_facts_and_short_and_plain()
    {
        Assert.Equal(_before, Compute());
        Assert.Matches("^[0-9a-f]{16}$", _before);
    }

    [Fact]
    public void A_configuration_too_large_to_be_one_says_nothing_here_either()
    {
        _home.Write("config.toml", "");
        var none = Compute();
        _home.Write("config.toml", Config + "\n#" + new string('x', 1024 * 1024));
        Assert.Equal(none, Compute());
    }

    [Fact]
    public void Another_codex_changes_it()
    {
        var codex = _codex;
        foreach (var other in new[]
        {
            codex with { Path = "/opt/other" }, codex with { Size = 1001 }, codex with { ModifiedAt = codex.ModifiedAt.AddTicks(1) },
            codex with { LeadingArguments = ["/opt/codex.dll"] },
        })
        {
            _codex = other;
            AssertChanged();
        }
    }

    [Fact]
    public void The_name_it_was_found_by_does_not_change_it()
    {
        _codex = _codex with { GivenPath = "/home/me/.local/bin/codex" };

        AssertSame();
    }

    [Fact]
    public void Another_version_of_the_tool_changes_it()
    {
        _toolVersion = "0.1.1";

        AssertChanged();
    }

    [Fact]
    public void Another_home_of_codex_changes_it()
    {
        using var other = new ScratchFolder();
        other.Write("config.toml", Config);
        other.Write("auth.json", Auth);
        _environment["CODEX_HOME"] = other.Path;

        AssertChanged();
    }

    [Theory]
    [InlineData("HTTP_PROXY")]
    [InlineData("HTTPS_PROXY")]
    [InlineData("ALL_PROXY")]
    [InlineData("NO_PROXY")]
    [InlineData("https_proxy")]
    [InlineData("no_proxy")]
    [InlineData("SSL_CERT_FILE")]
    [InlineData("SSL_CERT_DIR")]
    [InlineData("CODEX_CA_CERTIFICATE")]
    [InlineData("OPENAI_API_KEY")]
    [InlineData("CODEX_API_KEY")]
    [InlineData("CODEX_ACCESS_TOKEN")]
    public void A_proxy_a_certificate_or_a_key_changes_it(string name)
    {
        _environment[name] = "another";
        AssertChanged();
        var one = Compute();
        _environment[name] = "yet another";
        Assert.NotEqual(one, Compute());
    }

    [Theory]
    [InlineData("PATH")]
    [InlineData("LANG")]
    [InlineData("TERM")]
    [InlineData("TMPDIR")]
    [InlineData("CODEX_COMPANION_INSTANCE")]
    [InlineData("CODEX_COMPANION_JOB")]
    public void What_belongs_to_one_caller_does_not_change_it(string name)
    {
        _environment[name] = "another";

        AssertSame();
    }

    [Theory]
    [InlineData("\"account-1\"", "\"account-2\"")]
    [InlineData("\"OPENAI_API_KEY\":null", "\"OPENAI_API_KEY\":\"sk-9\"")]
    public void Another_account_changes_it(string from, string to)
    {
        _home.Write("auth.json", Auth.Replace(from, to, StringComparison.Ordinal));

        AssertChanged();
    }

    [Fact]
    public void Logging_out_changes_it()
    {
        File.Delete(_home["auth.json"]);

        AssertChanged();
    }

    [Fact]
    public void Refreshed_tokens_do_not_change_it()
    {
        _home.Write("auth.json", """{"last_refresh":"2027-07-07T07:07:07Z","tokens":{"account_id":"account-1","id_token":"x","access_token":"y","refresh_token":"z"}}""");

        AssertSame();
    }

    [Theory]
    [InlineData("http://localhost:1/v1", "http://localhost:2/v1")]
    [InlineData("env_key = \"MINE_KEY\"", "env_key = \"OTHER_KEY\"")]
    [InlineData("\"docs-server\"", "\"other-server\"")]
    [InlineData("[\"--fast\"]", "[\"--slow\"]")]
    [InlineData("LEVEL = \"1\"", "LEVEL = \"2\"")]
    [InlineData("[mcp_servers.docs.env]", "[mcp_servers.docs.http_headers]")]
    [InlineData("[tui]", "[mcp_servers.more]\ncommand = \"more\"\n[tui]")]
    [InlineData("[tui]", "[ mcp_servers.more ]\ncommand = \"more\"\n[tui]")]
    [InlineData("[tui]", "[\"mcp_servers\".more]\ncommand = \"more\"\n[tui]")]
    [InlineData("model =", "mcp_servers.more.command = \"more\"\nmodel =")]
    [InlineData("model =", "model_providers.more = { name = \"More\" }\nmodel =")]
    public void Another_provider_or_mcp_server_changes_it(string from, string to)
    {
        _home.Write("config.toml", Config.Replace(from, to, StringComparison.Ordinal));

        AssertChanged();
    }

    [Theory]
    [InlineData("model = \"gpt-5\"", "model = \"gpt-6\"")]
    [InlineData("theme = \"dark\"", "theme = \"light\"")]
    [InlineData("[tui]", "[projects.\"/home/me/work\"]\ntrust_level = \"trusted\"\n\n[tui]")]
    [InlineData("[mcp_servers.docs]", "# a remark\n\n[mcp_servers.docs]")]
    [InlineData("name = \"Mine\"", "   # indented remark\n   name = \"Mine\"  ")]
    [InlineData("\n", "\r\n")]
    public void The_rest_of_the_configuration_does_not_change_it(string from, string to)
    {
        _home.Write("config.toml", Config.Replace(from, to, StringComparison.Ordinal));

        AssertSame();
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"tokens":[]}""")]
    [InlineData("""{"OPENAI_API_KEY":"\ud800"}""")]
    public void A_login_file_that_cannot_be_understood_is_no_error(string content)
    {
        _home.Write("auth.json", content);

        AssertChanged();
    }

    [Fact]
    public void A_home_without_any_file_is_no_error()
    {
        File.Delete(_home["auth.json"]);
        File.Delete(_home["config.toml"]);

        AssertChanged();
    }

    private string Compute() => BrokerFingerprint.Compute(_codex, _environment, _toolVersion);

    private void AssertChanged() => Assert.NotEqual(_before, Compute());

    private void AssertSame() => Assert.Equal(_before, Compute());
}
