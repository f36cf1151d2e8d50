namespace CodexCompanion.Tool.Transfer;

/// <summary>What <c>transfer --json</c> prints.</summary>
/// <param name="ThreadId">The Codex thread.</param>
/// <param name="ResumeCommand">The command that goes on with it.</param>
/// <param name="SourcePath">The transcript, canonical.</param>
/// <param name="SessionId">The Claude session.</param>
/// <param name="AlreadyImported">Whether nothing was new since it was last imported.</param>
internal sealed record TransferJson(string ThreadId, string ResumeCommand, string SourcePath, string SessionId, bool AlreadyImported);
