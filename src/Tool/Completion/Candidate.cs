namespace CodexCompanion.Tool.Completion;

/// <summary>A word a shell may offer.</summary>
/// <param name="Word">The word.</param>
/// <param name="Description">What it means; shells that show none leave it out.</param>
internal readonly record struct Candidate(string Word, string Description)
{
    /// <summary>Tells the shell to offer its own files.</summary>
    public static Candidate Files { get; } = new(":files", "");

    /// <summary>Tells the shell to offer its own directories.</summary>
    public static Candidate Directories { get; } = new(":directories", "");
}
