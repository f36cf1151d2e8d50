namespace CodexCompanion.Tool.CommandLine;

/// <summary>What is wrong with a command line. Nothing was started.</summary>
/// <param name="Message">One sentence.</param>
/// <param name="Hint">What was probably meant, or what to do; null when there is nothing to say.</param>
internal sealed record UsageError(string Message, string? Hint = null);
