namespace CodexCompanion.EndToEnd.Tests.Codex;

/// <summary>The config.toml that makes codex talk to a stub and to nothing else.</summary>
internal static class CodexConfig
{
    /// <summary>One retry each: enough to see <c>willRetry</c>, short enough for tests of failures.</summary>
    public static string PointingAt(string baseUrl) => $"""
        model = "stub-model"
        model_provider = "stub"
        check_for_update_on_startup = false
        [model_providers.stub]
        name = "Stub"
        base_url = "{baseUrl}"
        wire_api = "responses"
        requires_openai_auth = false
        request_max_retries = 1
        stream_max_retries = 1
        [features]
        plugins = false
        apps = false
        [analytics]
        enabled = false
        [otel]
        exporter = "none"

        """;
}
