using CodexCompanion.Tool.CommandLine;

namespace CodexCompanion.Tool.Commands;

/// <summary>Names commands as the reader would give them: slash commands in a Claude session, the shell's elsewhere.</summary>
internal sealed class CommandNames(string? sessionId)
{
    /// <summary>A sentence with the command that continues a thread.</summary>
    public string ToContinue(string threadId) => sessionId is null
        ? $"To continue: {CommandApplication.ToolName} task --thread {threadId} \"…\""
        : $"To continue: /codex:rescue --thread {threadId} …";
}
