namespace CodexCompanion.Pipeline.AppServer;

/// <summary>A codex that was found, ready to be started.</summary>
/// <param name="Path">The program to start, absolute.</param>
/// <param name="LeadingArguments">What goes before codex's own arguments; not empty when <paramref name="Path"/> is the dotnet host.</param>
/// <param name="GivenPath">Where it was found, before an npm launcher was resolved to the native program behind it.</param>
/// <param name="Size">Size in bytes of the file that makes up codex.</param>
/// <param name="ModifiedAt">When that file was last changed.</param>
public sealed record CodexBinary(
    string Path, IReadOnlyList<string> LeadingArguments, string GivenPath, long Size, DateTimeOffset ModifiedAt)
{
    /// <summary>The npm package it came in; null when it came in another way.</summary>
    public NpmPackage? Package { get; init; }

    /// <summary>The command that brings it up to date, as far as that can be told from where it lies.</summary>
    public string UpdateCommand =>
        Package is { } package ? package.UpdateCommand
        : GivenPath.Contains("brew/", StringComparison.Ordinal) ? "brew upgrade codex"
        : "npm install -g @openai/codex@latest";
}

/// <summary>The npm package of a native codex, and what its launcher would have told codex.</summary>
/// <param name="Root">Folder of the launcher's package.</param>
/// <param name="Manager">What installed it, in upper case, as the launcher names it in <c>CODEX_MANAGED_BY_…</c>: NPM, PNPM or BUN.</param>
/// <param name="ToolsFolder">Folder with programs that codex looks up on PATH; null when codex finds them by itself.</param>
public sealed record NpmPackage(string Root, string Manager, string? ToolsFolder)
{
    /// <summary>The command that brings it up to date.</summary>
    public string UpdateCommand => Manager switch
    {
        "PNPM" => "pnpm add -g @openai/codex@latest",
        "BUN" => "bun install -g @openai/codex@latest",
        _ => "npm install -g @openai/codex@latest",
    };
}

/// <summary>What <see cref="CodexLocator"/> found.</summary>
public abstract record CodexLookup
{
    private CodexLookup()
    {
    }

    /// <summary>A codex.</summary>
    /// <param name="Codex">It.</param>
    /// <param name="IsFromPath">Whether PATH led to it, and nobody named it.</param>
    public sealed record Found(CodexBinary Codex, bool IsFromPath = false) : CodexLookup;

    /// <summary>None, for the reason in one sentence.</summary>
    public sealed record Missing(string Sentence) : CodexLookup
    {
        /// <summary>The variable or setting that names one which cannot be run; null when nobody named one.</summary>
        public string? NamedBy { get; init; }

        /// <summary>What to do.</summary>
        public string Hint => NamedBy is null
            ? $"Install it with `npm install -g @openai/codex`, or name it in {CodexLocator.Variable}."
            : $"Correct {NamedBy}, or remove it to use the codex on PATH.";
    }
}
