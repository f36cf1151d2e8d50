using System.Text.Json;
using System.Xml.Linq;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Reviews;
using CodexCompanion.Tool.Reviews.Findings;
using CodexCompanion.Tool.Reviews.Ledger;
using CodexCompanion.Tool.Reviews.Rendering;
using Xunit;

namespace CodexCompanion.Tool.Tests.Reviews;

public sealed class FormatTests
{
    private const string Hostile = "::error::one\n  ::set-output name=x::y\nsee ##[add-mask]z ###[group]\n##vso[task.complete]\n";

    private static readonly Dictionary<string, string> NoCi = new(StringComparer.Ordinal);

    private static readonly Dictionary<string, string> Ci = new(StringComparer.Ordinal) { ["GITHUB_ACTIONS"] = "true" };

    private static readonly Finding High = new(
        Severity.High, "Title: with, colons % and ::commands::", "First line\n::error::second line \u001b[31m\u009b\u202e <b>@everybody</b> ![x](http://x) `tick`", "src/a b.cs", 4, 6, 0.75, "Do | this.");

    private static readonly Finding Accepted = new(Severity.Low, "Small", "Body.", "b.cs", 1, 1, null, "");

    [Fact]
    public void Sarif_has_rules_places_fingerprints_and_suppressions()
    {
        using var log = JsonDocument.Parse(ReviewFormats.Render(View(), ReviewFormat.Sarif, NoCi));

        var run = log.RootElement.GetProperty("runs")[0];
        var results = run.GetProperty("results").EnumerateArray().ToList();
        Assert.Equal("2.1.0", log.RootElement.GetProperty("version").GetString());
        Assert.Equal(["new", "unchanged", "absent"], results.Select(r => r.GetProperty("baselineState").GetString()!));
        Assert.Equal("error", results[0].GetProperty("level").GetString());
        Assert.Equal("src/a%20b.cs", results[0].GetProperty("locations")[0].GetProperty("physicalLocation").GetProperty("artifactLocation").GetProperty("uri").GetString());
        Assert.Equal(75, results[0].GetProperty("rank").GetDouble());
        Assert.Equal("codex-high", run.GetProperty("tool").GetProperty("driver").GetProperty("rules")[results[0].GetProperty("ruleIndex").GetInt32()].GetProperty("id").GetString());
        Assert.Single(results[1].GetProperty("suppressions").EnumerateArray());
        Assert.True(run.GetProperty("invocations")[0].GetProperty("executionSuccessful").GetBoolean());
    }

    [Fact]
    public void Sarif_of_a_review_that_cannot_be_read_is_no_clean_one()
    {
        using var log = JsonDocument.Parse(ReviewFormats.Render(View() with { Report = null, Reason = "Why.", Findings = [], Fixed = [] }, ReviewFormat.Sarif, NoCi));

        Assert.False(log.RootElement.GetProperty("runs")[0].GetProperty("invocations")[0].GetProperty("executionSuccessful").GetBoolean());
    }

    [Fact]
    public void Junit_counts_what_counts()
    {
        var suite = XDocument.Parse(ReviewFormats.Render(View(), ReviewFormat.Junit, NoCi)).Root!.Element("testsuite")!;

        Assert.Equal(("2", "1", "1"), (suite.Attribute("tests")!.Value, suite.Attribute("failures")!.Value, suite.Attribute("skipped")!.Value));
        Assert.Equal("src/a b.cs", suite.Elements("testcase").First().Attribute("file")!.Value);
        Assert.Contains("Recommendation: Do | this.", suite.Descendants("failure").Single().Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Github_commands_cannot_be_broken_out_of()
    {
        var lines = ReviewFormats.Render(View(), ReviewFormat.Github, NoCi).Split('\n');

        Assert.Equal(2, lines.Length);
        Assert.StartsWith("::error file=src/a b.cs,line=4,endLine=6,title=[high] Title%3A with%2C colons %25 and %3A%3Acommands%3A%3A::First line%0A", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("::notice title=Codex adversarial-review::", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Markdown_calls_nobody_and_loads_nothing()
    {
        var text = ReviewFormats.Render(View(), ReviewFormat.Markdown, NoCi);

        Assert.Contains("| high | Title: with, colons % and ::commands:: | `src/a b.cs:4-6` | new |", text, StringComparison.Ordinal);
        Assert.DoesNotContain("@everybody", text, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>", text, StringComparison.Ordinal);
        Assert.DoesNotContain("![x]", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text")]
    [InlineData("github")]
    [InlineData("markdown")]
    public void What_people_read_steers_no_terminal_and_stands_in_its_own_order(string format)
    {
        Assert.True(ReviewFormats.TryParse(format, out var parsed));
        var view = View() with { Raw = High.Body, Report = View().Report! with { Summary = High.Body } };
        Assert.DoesNotContain(ReviewFormats.Render(view, parsed, NoCi) + ReviewFormats.Render(view with { Kind = ReviewKinds.Native }, parsed, NoCi), c => (char.IsControl(c) && c != '\n') || c == '\u202e');
    }

    [Theory]
    [InlineData("text")]
    [InlineData("markdown")]
    [InlineData("sarif")]
    [InlineData("junit")]
    public void In_a_ci_step_nothing_a_reviewer_wrote_is_a_command_to_the_runner(string format)
    {
        Assert.True(ReviewFormats.TryParse(format, out var parsed));
        var view = View() with { Raw = Hostile, Report = View().Report! with { Summary = Hostile, NextSteps = [Hostile] }, Reasoning = [Hostile], Remarks = [Hostile] };
        view = view with { Findings = [.. view.Findings, new KnownFinding(High with { Body = Hostile, Recommendation = Hostile }, "4", FindingNews.New)] };

        var lines = ((string[])[ReviewFormats.Render(view, parsed, Ci), ReviewFormats.Render(view with { Kind = ReviewKinds.Native }, parsed, Ci)])
            .SelectMany(text => text.Split('\n', '\r')).ToList();

        Assert.DoesNotContain(lines, line => line.TrimStart().StartsWith("::", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains("##[", StringComparison.Ordinal) || line.Contains("##vso[", StringComparison.Ordinal));
    }

    [Fact]
    public void What_programs_read_says_the_same_all_the_same()
    {
        var view = View() with { Findings = [new KnownFinding(High with { Body = Hostile }, "4", FindingNews.New)] };

        using var log = JsonDocument.Parse(ReviewFormats.Render(view, ReviewFormat.Sarif, Ci));
        var failure = XDocument.Parse(ReviewFormats.Render(view, ReviewFormat.Junit, Ci)).Descendants("failure").Single();

        Assert.Contains(Hostile, log.RootElement.GetProperty("runs")[0].GetProperty("results")[0].GetProperty("message").GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.Contains(Hostile.TrimEnd(), failure.Value, StringComparison.Ordinal);
        Assert.Contains("\n    ::set-output name=x::y\n", ReviewFormats.Render(view, ReviewFormat.Text, NoCi), StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_with_a_line_end_stays_on_its_line()
    {
        var odd = new Finding(Severity.High, "T", "B", "a\n::error::b.cs", 1, 1, null, "");

        Assert.Equal("\"a\\n::error::b.cs\":1", odd.Place);
        Assert.Equal("src/a b.cs:4-6", High.Place);
    }

    [Fact]
    public void Text_is_read_from_the_top()
    {
        var text = ReviewFormats.Render(View(), ReviewFormat.Text, NoCi);

        Assert.Contains("- [high] Title: with, colons % and ::commands:: (src/a b.cs:4-6) 111111111111\n  First line\n", text, StringComparison.Ordinal);
        Assert.Contains("- fixed: Old (c.cs) 333333333333", text, StringComparison.Ordinal);
    }

    private static ReviewView View() => new()
    {
        Kind = ReviewKinds.Adversarial,
        JobId = "review-1",
        Target = new TargetFacts
        {
            Mode = "branch",
            Label = "branch diff against main",
            BaseRef = "main",
            Explicit = true,
            BaseSha = "aaa",
            HeadSha = "bbb",
            Compared = "from aaa to bbb",
            Paths = [],
            Files = ["src/a b.cs"],
            IsTree = true,
            Root = "/src/my repo",
            Branch = "topic",
        },
        Report = new ReviewReport(Approved: false, "Summary.", [High, Accepted], ["Next."]),
        Reason = null,
        Findings = [new KnownFinding(High, "111111111111", FindingNews.New), new KnownFinding(Accepted, "222222222222", FindingNews.Accepted)],
        Fixed = [new FindingRecord { Id = "333333333333", Title = "Old", Body = "B.", File = "c.cs", LineStart = 3, LineEnd = 3, Severity = "medium" }],
        Unreported = [],
        HasHistory = true,
        Raw = "{}",
        Reasoning = [],
        Remarks = [],
    };
}
