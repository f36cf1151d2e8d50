using CodexCompanion.StateStore;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Commands;

namespace CodexCompanion.Tool.Hooks;

/// <summary>
/// <c>hook session-start</c>: lets every command of the session know the session, by variables of our own name. Starts nothing, and looks
/// at neither git nor Codex nor the broker.
/// </summary>
internal static class SessionStartHook
{
    private const string FileVariable = "CLAUDE_ENV_FILE";
    private const string SessionVariable = "CODEX_COMPANION_SESSION_ID";
    private const string TranscriptVariable = "CODEX_COMPANION_TRANSCRIPT_PATH";

    /// <summary>Runs it.</summary>
    /// <param name="host">What it works with.</param>
    /// <param name="limit">What it may take.</param>
    public static async Task<HookAnswer> RunAsync(ToolHost host, TimeSpan limit)
    {
        if (host.Variable(FileVariable) is not { } file)
            return HookAnswer.Nothing;
        var input = await HookInputReader.ReadAsync(host, limit / 2);
        List<(string, string)> variables = [];
        Add(SessionVariable, input.SessionId ?? host.SessionId);
        Add(TranscriptVariable, input.TranscriptPath);
        Add(StateRoot.Variable, host.Variable(StateRoot.Variable));
        var problem = input.Problem ?? (variables.Count == 0 ? null : await EnvironmentFile.ExportAsync(file, variables, host.Time));
        return problem is null
            ? HookAnswer.Nothing
            : new HookAnswer.Note($"{CommandApplication.ToolName}: commands of this session are not told its id. {problem}");

        void Add(string name, string? value)
        {
            // No variable can hold a NUL; what has one is not what it says.
            if (value is not null && !value.Contains('\0', StringComparison.Ordinal))
                variables.Add((name, value));
        }
    }
}
