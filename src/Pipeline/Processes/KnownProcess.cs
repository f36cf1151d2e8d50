namespace CodexCompanion.Pipeline.Processes;

/// <summary>A process of this user that carries a variable in its environment.</summary>
/// <param name="Process">The process.</param>
/// <param name="Value">The variable's value, as it was at the process' start.</param>
public sealed record MarkedProcess(FoundProcess Process, string Value);

/// <summary>A process of this user and how it was called.</summary>
/// <param name="Process">The process.</param>
/// <param name="Arguments">Its arguments. They may hold secrets: nobody logs them.</param>
public sealed record CalledProcess(FoundProcess Process, IReadOnlyList<string> Arguments);
