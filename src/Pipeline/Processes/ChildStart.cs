namespace CodexCompanion.Pipeline.Processes;

/// <summary>What to start, and what it gets to see. Nothing is inherited: what is not named here does not reach the child.</summary>
/// <param name="Path">The program, absolute. No shell and no PATH look-up.</param>
/// <param name="Arguments">Its arguments, without the program itself.</param>
/// <param name="Environment">Its whole environment.</param>
/// <param name="WorkingDirectory">Its working directory, absolute.</param>
public sealed record ChildStart(
    string Path,
    IReadOnlyList<string> Arguments,
    IReadOnlyDictionary<string, string> Environment,
    string WorkingDirectory);

/// <summary>How a start by <see cref="ChildProcess"/> went.</summary>
public abstract record ChildStartResult
{
    private ChildStartResult()
    {
    }

    /// <summary>It runs.</summary>
    public sealed record Started(ChildProcess Child) : ChildStartResult;

    /// <summary>It could not be started, for the reason in one sentence.</summary>
    public sealed record Failed(string Reason) : ChildStartResult;
}
