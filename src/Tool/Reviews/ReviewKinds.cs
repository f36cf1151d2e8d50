namespace CodexCompanion.Tool.Reviews;

/// <summary>The two kinds of review, by the words of commands and job records.</summary>
internal static class ReviewKinds
{
    /// <summary>Codex's own reviewer.</summary>
    public const string Native = "review";

    /// <summary>Our own prompt, with findings in our schema.</summary>
    public const string Adversarial = "adversarial-review";
}
