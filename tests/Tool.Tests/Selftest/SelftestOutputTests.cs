using System.Text;
using System.Text.Json;
using CodexCompanion.Tool.Rendering;
using CodexCompanion.Tool.Selftest;
using Xunit;

namespace CodexCompanion.Tool.Tests.Selftest;

public sealed class SelftestOutputTests
{
    private static readonly RowResult Passed = new()
    {
        Name = "healthy",
        Description = "All is well.",
        Status = RowStatus.Passed,
        Tasks = 12,
        Passed = 12,
        SideEffects = 12,
        Duration = TimeSpan.FromMilliseconds(1_500),
    };

    private static readonly RowResult Failed = Passed with
    {
        Name = "broker-drops",
        Status = RowStatus.Failed,
        Passed = 11,
        FaultsFired = 6,
        Detail = "task-03 exited with code 7.",
        FirstFailure = FakeRow.Run(3, exitCode: 7),
    };

    private static readonly RowResult Control = Passed with { Name = "no-recovery", Status = RowStatus.Control, Passed = 6, FaultsFired = 6, SideEffects = 6 };

    private static readonly RowResult Skipped = new()
    {
        Name = "broker-killed",
        Description = "The broker is killed.",
        Status = RowStatus.Skipped,
        Detail = "There is no SIGKILL.",
    };

    private static readonly SelftestEnd End = new([Passed, Failed, Control, Skipped], TimeSpan.FromSeconds(42), "/kept", ExitCode: 1);

    [Fact]
    public void The_json_has_a_row_for_each_situation_and_a_sum()
    {
        using var document = JsonDocument.Parse(SelftestJson.LineOf("1.2.3", "Linux", End));
        var root = document.RootElement;
        Assert.Equal(["version", "system", "rows", "summary", "folder", "exitCode"], Names(root));
        Assert.Equal(("1.2.3", "/kept", 1), (root.GetProperty("version").GetString(), root.GetProperty("folder").GetString(), root.GetProperty("exitCode").GetInt32()));

        var rows = root.GetProperty("rows").EnumerateArray().ToList();
        Assert.All(rows, row => Assert.Equal(
            ["name", "description", "status", "tasks", "passed", "faultsFired", "sideEffects", "durationMs", "detail", "firstFailure"], Names(row)));
        Assert.Equal(["passed", "failed", "control", "skipped"], rows.Select(r => r.GetProperty("status").GetString()));
        Assert.Equal([1500, 1500, 1500, 0], rows.Select(r => r.GetProperty("durationMs").GetInt32()));
        Assert.Equal(JsonValueKind.Null, rows[0].GetProperty("detail").ValueKind);
        var failure = rows[1].GetProperty("firstFailure");
        Assert.Equal(("task-03", 7, "/logs/task-03.log"), (
            failure.GetProperty("task").GetString(), failure.GetProperty("exitCode").GetInt32(), failure.GetProperty("logFile").GetString()));

        var summary = root.GetProperty("summary");
        Assert.Equal(
            ["passed:1", "failed:1", "control:1", "skipped:1", "tasks:36", "faultsFired:12", "sideEffects:30", "durationMs:42000"],
            summary.EnumerateObject().Select(member => $"{member.Name}:{member.Value}"));
    }

    [Fact]
    public void The_table_is_plain_text_with_all_that_is_known_of_a_failure()
    {
        var lines = Print(fancy: false).Split('\n');
        Assert.DoesNotContain(lines, line => line.Contains('\u001b', StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("ok ", StringComparison.Ordinal) && line.Contains("12/12", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("FAIL", StringComparison.Ordinal) && line.Contains("11/12", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("exited with code 7", StringComparison.Ordinal) && line.Contains("/logs/task-03.log", StringComparison.Ordinal));
        Assert.Contains("        | [Execute] Completed, 1 ms", lines);
        Assert.Contains(lines, line => line.StartsWith("skipped", StringComparison.Ordinal) && line.EndsWith("There is no SIGKILL.", StringComparison.Ordinal));
        Assert.StartsWith("1 passed, 1 failed, 1 lost what it must", lines[^2], StringComparison.Ordinal);
    }

    [Fact]
    public void On_a_terminal_the_marks_have_colours_and_no_line_is_broken()
    {
        var lines = Print(fancy: true).Split('\n');
        Assert.Contains(lines, line => line.StartsWith("\u001b[32mok\u001b[0m", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("\u001b[31mFAIL\u001b[0m", StringComparison.Ordinal));
        Assert.All(lines, line => Assert.True(line.Replace("\u001b[32m", "", StringComparison.Ordinal).Replace("\u001b[31m", "", StringComparison.Ordinal)
            .Replace("\u001b[33m", "", StringComparison.Ordinal).Replace("\u001b[0m", "", StringComparison.Ordinal).Length < 60, line));
    }

    [Fact]
    public void On_a_terminal_a_line_of_the_table_is_cut_and_a_sentence_goes_on_below()
    {
        var text = Print(fancy: true);
        Assert.Contains("…\n", text, StringComparison.Ordinal);
        var words = text.ReplaceLineEndings(" ");
        Assert.Contains("on the built-in simulated app-server.", words, StringComparison.Ordinal);
        Assert.Contains("all it said is in /logs/task-03.log", words, StringComparison.Ordinal);
        Assert.Contains("36 tasks, 12 faults, 30 side effects in 42.0 s", words, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("brokerdrops", "Did you mean broker-drops?")]
    [InlineData("zzzzzzzzzzzz", "There is no row named")]
    public async Task An_unknown_row_is_a_usage_error_and_nothing_is_run(string name, string said)
    {
        using var bench = new ToolBench();
        var end = await bench.RunAsync("selftest", "--row", name);
        Assert.Equal(ExitCodes.Usage, end.ExitCode);
        Assert.Contains(said, end.Error, StringComparison.Ordinal);
        Assert.Empty(end.Out);
    }

    private static string Print(bool fancy)
    {
        using var output = new MemoryStream();
        var streams = new StandardStreams(() => Stream.Null, () => output, () => Stream.Null) { OutputIsTerminal = () => fancy, OutputWidth = () => 60 };
        var table = new SelftestTable(streams, fancy);
        table.Begin("1.2.3", "Linux", rows: 4, tasks: 36);
        foreach (var row in End.Rows)
            table.Add(row);
        table.Finish(End, removalProblem: null);
        return Encoding.UTF8.GetString(output.ToArray());
    }

    private static IEnumerable<string> Names(JsonElement element) => element.EnumerateObject().Select(member => member.Name);
}
