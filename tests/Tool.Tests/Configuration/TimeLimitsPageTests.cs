using CodexCompanion.Pipeline;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Configuration;
using Xunit;

namespace CodexCompanion.Tool.Tests.Configuration;

/// <summary>docs/time-limits.md against the limits the program has.</summary>
public sealed class TimeLimitsPageTests
{
    private static readonly string[][] Rows =
    [
        .. File.ReadLines(RepositoryFolder.PathOf("docs", "time-limits.md"))
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries)[1..^1]),
    ];

    [Fact]
    public void Every_limit_that_can_be_set_stands_in_the_table_once_with_its_default()
    {
        var told = Rows.Where(row => row[2].StartsWith('`')).Select(row => (row[2].Trim('`'), Seconds(row[1]))).Order();
        var real = LimitKeys.All.Select(key => (key.Name, key.Get(new TimeLimits())?.TotalSeconds)).Order();
        Assert.Equal(real, told);
    }

    [Fact]
    public void The_longest_lines_are_told() => Assert.Contains(
        $"a line from an app-server may have {TimeLimits.MaxAppServerLine >> 20} MiB, one from a client of the broker {TimeLimits.MaxClientLine >> 20} MiB",
        File.ReadAllText(RepositoryFolder.PathOf("docs", "time-limits.md")), StringComparison.Ordinal);

    // "30 min" in the page is "30m" for the program.
    private static double? Seconds(string text) =>
        text == "none" ? null
        : Duration.TryParse(text.Replace(" ", "", StringComparison.Ordinal).Replace("min", "m", StringComparison.Ordinal), out var span) ? span.TotalSeconds
        : throw new FormatException($"'{text}' is no time.");
}
