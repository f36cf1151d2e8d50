namespace CodexCompanion.Tool.Rendering;

/// <summary>What a command prints that handed its job to a worker; the members and the word of the Node runtime.</summary>
internal sealed record BackgroundJson(string JobId, string Status, string? Title, string? Summary, string? LogFile);
