using CodexCompanion.Tool.Reviews.Findings;
using Xunit;

namespace CodexCompanion.Tool.Tests.Reviews;

public sealed class FindingsReaderTests
{
    private const string Root = "/src/repo";

    [Fact]
    public void An_answer_in_the_schema_is_read_worst_finding_first()
    {
        var read = FindingsReader.Read(ReviewBench.AnswerOf(("low", "Small", "b.cs", 3), ("critical", "Big", "a.cs", 9)), Root);

        Assert.Empty(read.Problems);
        Assert.Equal(["Big", "Small"], read.Report!.Findings.Select(f => f.Title));
        Assert.Equal(("a.cs:9", "needs-attention", "Fix it."), (read.Report.Findings[0].Place, read.Report.Verdict, read.Report.NextSteps[0]));
    }

    [Theory]
    [InlineData("```json\n{0}\n```")]
    [InlineData("Here is the review you asked for {as agreed}:\n\n{0}\n\nLet me know!")]
    [InlineData("{\"note\":\"first another object\"} {0}")]
    [InlineData("\uFEFF  {0}")]
    public void Fences_and_prose_around_the_object_do_no_harm(string around)
    {
        var text = around.Replace("{0}", ReviewBench.AnswerOf(("high", "T", "a.cs", 1)), StringComparison.Ordinal);

        Assert.Equal("T", Assert.Single(FindingsReader.Read(text, Root).Report!.Findings).Title);
    }

    [Theory]
    [InlineData("")]
    [InlineData("I could not run any command, so I approve.")]
    [InlineData("{\"findings\":[]}")]
    [InlineData("{\"verdict\":\"approve\",\"summary\":\"s\",\"findings\":{},\"next_steps\":[]}")]
    [InlineData("{\"verdict\":\"fine\",\"summary\":\"s\",\"findings\":[],\"next_steps\":[]}")]
    [InlineData("{\"verdict\":\"approve\",\"summary\":\" \",\"findings\":[],\"next_steps\":[]}")]
    [InlineData("{\"verdict\":\"approve\",\"summary\":\"s\",\"findings\":[],\"next_steps\":[1]}")]
    [InlineData("{\"verdict\":\"needs-attention\",\"summary\":\"s\",\"findings\":[],\"next_steps\":[]}")]
    [InlineData("{\"verdict\":\"approve\",\"summary\":\"s\",\"findings\":[],\"next_steps\":[]")]
    public void An_answer_that_is_not_what_was_asked_for_is_no_review(string answer)
    {
        var read = FindingsReader.Read(answer, Root);

        Assert.Null(read.Report);
        Assert.NotEmpty(read.Problems);
    }

    [Theory]
    [InlineData("\"severity\":\"high\"", "\"severity\":\"blocker\"", "findings[0].severity")]
    [InlineData("\"line_start\":4", "\"line_start\":0", "findings[0].line_start")]
    [InlineData("\"line_start\":4", "\"line_start\":\"4\"", "findings[0].line_start")]
    [InlineData("\"line_end\":4", "\"line_end\":3", "findings[0].line_end")]
    [InlineData("\"confidence\":0.8", "\"confidence\":8", "findings[0].confidence")]
    [InlineData("\"title\":\"T\"", "\"title\":\"\"", "findings[0].title")]
    [InlineData("\"file\":\"a.cs\"", "\"file\":\"../../etc/passwd\"", "findings[0].file")]
    [InlineData("\"file\":\"a.cs\"", "\"file\":\"/etc/passwd\"", "findings[0].file")]
    [InlineData("\"verdict\":\"needs-attention\"", "\"verdict\":\"approve\"", "verdict is")]
    public void Every_member_is_checked_and_named(string right, string wrong, string named)
    {
        var answer = ReviewBench.AnswerOf(("high", "T", "a.cs", 4));
        Assert.NotNull(FindingsReader.Read(answer, Root).Report);

        var read = FindingsReader.Read(answer.Replace(right, wrong, StringComparison.Ordinal), Root);

        Assert.Null(read.Report);
        Assert.StartsWith(named, Assert.Single(read.Problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/src/repo/src/a.cs", "src/a.cs")]
    [InlineData("./src/a.cs", "src/a.cs")]
    [InlineData("a/src/a.cs", "src/a.cs")]
    public void A_place_is_told_relative_to_the_root(string given, string shown) =>
        Assert.Equal(shown, FindingsReader.Read(ReviewBench.AnswerOf(("high", "T", given, 4)), Root).Report!.Findings[0].File);

    [Fact]
    public void More_findings_than_anybody_reads_are_asked_for_again()
    {
        var answer = ReviewBench.AnswerOf([.. Enumerable.Range(1, 501).Select(line => ("low", "T", "a.cs", line))]);

        Assert.Equal("findings holds 501 entries; give the 500 worst.", Assert.Single(FindingsReader.Read(answer, Root).Problems));
    }

    [Fact]
    public void A_megabyte_of_braces_is_read_in_no_time()
    {
        Assert.Null(FindingsReader.Read(new string('{', 1_000_000), Root).Report);
    }
}

public sealed class NativeReviewReaderTests
{
    private const string Root = "/src/repo";

    [Fact]
    public void The_reviewers_list_is_read()
    {
        var read = NativeReviewReader.Read(
            "It breaks.\n\nFull review comments:\n\n- [P1] Guard it \u2014 twice \u2014 /src/repo/src/日本 a.txt:2-5\n  Body line one\n  body line two\n\n- Other — /src/repo/b.txt:1-1\n  b2\n- [P0] Worst — /src/repo/c.txt:7\n- [P3] Least — /src/repo/d.txt:7-7\n  x", Root);

        Assert.Empty(read.Problems);
        Assert.Equal("It breaks.", read.Report!.Summary);
        Assert.False(read.Report.Approved);
        Assert.Equal(["critical Worst c.txt:7", "high Guard it — twice src/日本 a.txt:2-5", "medium Other b.txt:1", "low Least d.txt:7"],
            read.Report.Findings.Select(f => $"{FindingsSchema.Of(f.Severity)} {f.Title} {f.Place}"));
        Assert.Equal("Body line one\nbody line two", read.Report.Findings[1].Body);
    }

    [Fact]
    public void The_reviewers_own_answer_is_read_where_the_server_could_not()
    {
        var read = NativeReviewReader.Read(
            """{"findings":[{"title":"[P2] One","body":"B","confidence_score":0.8,"priority":null,"code_location":{"absolute_file_path":"/src/repo/a.txt","line_range":{"start":2,"end":3}}}],"overall_correctness":"patch is incorrect","overall_explanation":"Why."}""", Root);

        Assert.Equal(("One", "a.txt:2-3", Severity.Medium, 0.8), (read.Report!.Findings[0].Title, read.Report.Findings[0].Place, read.Report.Findings[0].Severity, read.Report.Findings[0].Confidence));
        Assert.False(read.Report.Approved);
    }

    [Fact]
    public void Prose_without_findings_is_a_clean_review()
    {
        var read = NativeReviewReader.Read("The change is consistent and well tested.", Root);

        Assert.True(read.Report!.Approved);
        Assert.Empty(read.Report.Findings);
    }

    [Theory]
    [InlineData("Two problems:\n1. src/a.cs:12 is wrong.\n")]
    [InlineData("[P1] The lock is missing.")]
    [InlineData("""{"findings":[{"title":"The lock is missing"}],"verdict":"needs-attention"}""")]
    [InlineData("""{"findings":[{"title":"Elsewhere","code_location":{"absolute_file_path":"/etc/passwd"}}],"overall_correctness":"patch is incorrect"}""")]
    [InlineData("It breaks.\n\nReview comment:\n")]
    [InlineData("It breaks.\n\nReview comment:\n\n- [P1] No place here\n  body")]
    [InlineData("It breaks.\n\nReview comment:\n\n- [P1] Elsewhere — /etc/passwd:1-2\n  body")]
    public void Findings_that_cannot_be_told_are_not_taken_for_none(string text)
    {
        var read = NativeReviewReader.Read(text, Root);

        Assert.Null(read.Report);
        Assert.NotEmpty(read.Problems);
    }

    [Fact]
    public void An_entry_made_to_be_searched_for_ever_is_none()
    {
        var read = NativeReviewReader.Read("It breaks.\n\nReview comment:\n\n- " + string.Concat(Enumerable.Repeat("a \u2014 b:", 100_000)), Root);

        Assert.InRange(Assert.Single(read.Problems).Length, 100, 400);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Reviewer failed to output a response.")]
    [InlineData("Review was interrupted. Please re-run /review and wait for it to complete.")]
    public void A_review_that_did_not_happen_is_none(string text) => Assert.True(NativeReviewReader.SaysFailed(text));
}
