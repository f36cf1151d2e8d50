namespace CodexCompanion.EndToEnd.Tests.Tool;

/// <summary>
/// Variables of other programs and other sessions as they lie about in a real user's shell. None of them may change where the tool keeps its
/// state, which codex it runs or what it answers.
/// </summary>
internal static class MisleadingEnvironment
{
    public static Dictionary<string, string> Variables() => new(StringComparer.Ordinal)
    {
        ["CLAUDE_PLUGIN_DATA"] = "/nonexistent/plugin-data",
        ["CLAUDE_PLUGIN_ROOT"] = "/nonexistent/plugin-root",
        ["CLAUDE_PROJECT_DIR"] = "/nonexistent/project",
        ["CLAUDE_ENV_FILE"] = "/nonexistent/env",
        ["CLAUDE_CODE_SESSION_ID"] = "a-session-of-claude",
        ["CODEX_COMPANION_SESSION_ID"] = "another-session",
        ["CODEX_COMPANION_APP_SERVER_ENDPOINT"] = "unix:/nonexistent/broker.sock",
        ["CODEX_COMPANION_APP_SERVER_PID_FILE"] = "/nonexistent/broker.pid",
        ["CODEX_THREAD_ID"] = "00000000-0000-7000-8000-000000000000",
        ["CODEX_SANDBOX"] = "seatbelt",
        ["CODEX_SANDBOX_NETWORK_DISABLED"] = "1",
        ["CODEX_CI"] = "1",
    };
}
