namespace CodexCompanion.Tool.Selftest;

/// <summary>A self-test that is over.</summary>
/// <param name="Rows">Its rows, in the order of the catalogue.</param>
/// <param name="Duration">How long it took.</param>
/// <param name="Folder">Where everything was kept; null when it was removed.</param>
/// <param name="ExitCode">The exit code.</param>
internal sealed record SelftestEnd(IReadOnlyList<RowResult> Rows, TimeSpan Duration, string? Folder, int ExitCode);
