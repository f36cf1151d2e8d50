namespace CodexCompanion.Tool.Reviews.Targets;

/// <summary>What the command line says of the target; nothing of it is verified.</summary>
/// <param name="Cwd">Directory the command works in; paths are relative to it.</param>
/// <param name="Scope">auto, working-tree, branch, staged or unstaged.</param>
/// <param name="ScopeGiven">Whether the command line named it; else it comes from the configuration.</param>
/// <param name="Base">Base of a branch review; null for none.</param>
/// <param name="Commit">The commit to review; null for none.</param>
/// <param name="Range">A...B or A..B; null for none.</param>
/// <param name="Paths">Only these; empty for all.</param>
internal sealed record TargetRequest(
    string Cwd, string Scope, bool ScopeGiven, string? Base, string? Commit, string? Range, IReadOnlyList<string> Paths);
