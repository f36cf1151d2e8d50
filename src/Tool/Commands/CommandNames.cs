using CodexCompanion.Tool.CommandLine;

namespace CodexCompanion.Tool.Commands;

/// <summary>Names commands as the reader would give them: slash commands in a Claude session, the shell's elsewhere.</summary>
internal sealed class CommandNames(string? sessionId)
{
    /// <summary>A command about a job, or about what it finds by itself when no job is named.</summary>
    public string Of(string command, string? jobId = null)
    {
        var name = sessionId is null ? $"{CommandApplication.ToolName} {command}" : $"/codex:{command}";
        return jobId is null ? name : $"{name} {jobId}";
    }

    /// <summary>A sentence with the command that continues a thread.</summary>
    public string ToContinue(string threadId) => sessionId is null
        ? $"To continue: {CommandApplication.ToolName} task --thread {threadId} \"…\""
        : $"To continue: /codex:rescue --thread {threadId} …";
}
