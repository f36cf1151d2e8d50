namespace CodexCompanion.Pipeline.Turns;

/// <summary>What Codex's own reviewer looks at (<c>review/start</c>): closed, one of three.</summary>
public abstract record NativeReview
{
    private NativeReview()
    {
    }

    /// <summary>Everything that is not committed, untracked files included.</summary>
    public sealed record UncommittedChanges : NativeReview;

    /// <summary>The working tree against where HEAD left a branch.</summary>
    /// <param name="Branch">Branch, tag or commit.</param>
    public sealed record BaseBranch(string Branch) : NativeReview;

    /// <summary>One commit.</summary>
    /// <param name="Sha">Its id.</param>
    /// <param name="Title">Its subject; null when it has none.</param>
    public sealed record Commit(string Sha, string? Title) : NativeReview;
}
