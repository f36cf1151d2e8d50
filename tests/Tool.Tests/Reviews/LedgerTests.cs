using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Reviews.Findings;
using CodexCompanion.Tool.Reviews.Ledger;
using Xunit;

namespace CodexCompanion.Tool.Tests.Reviews;

public sealed class LedgerTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly string _root = Directory.CreateTempSubdirectory("companion-ledger-").FullName;
    private FindingsLedger _ledger = new();
    private int _reviews;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void What_is_found_again_is_still_there_wherever_its_line_went()
    {
        Code("int a;\nlock_it();\nint b;\n");
        var first = Review(Finding("Lost update", 2));
        Code("// moved\n\n\nint a;\n    lock_it();\nint b;\n");

        var second = Review(Finding("Lost update", 5));

        Assert.Equal(FindingNews.New, Assert.Single(first.Findings).News);
        Assert.Equal(FindingNews.Still, Assert.Single(second.Findings).News);
        Assert.Equal(first.Findings[0].Id, second.Findings[0].Id);
        Assert.Equal(5, Assert.Single(_ledger.Findings).LineStart);
    }

    [Theory]
    [InlineData("Concurrent writers cause a lost update of the index", "Lost update of the index by concurrent writers")]
    [InlineData("Lost update at line 12", "Lost update at line 14")]
    public void The_same_rule_in_other_words_is_the_same_finding(string once, string again)
    {
        Code("lock_it();\n");
        Review(Finding(once, 1));

        Assert.Equal(FindingNews.Still, Review(Finding(again, 1)).Findings[0].News);
    }

    [Fact]
    public void What_was_decided_goes_with_a_file_that_got_another_name()
    {
        Code("lock_it();\n");
        var id = Review(Finding("Lost update", 1)).Findings[0].Id;
        _ledger = _ledger with { Findings = [_ledger.Findings[0] with { State = FindingState.Accepted }] };
        var copied = Review(Finding("Lost update", 1) with { File = Written("b.cs", "lock_it();\n") });
        File.Delete(Path.Combine(_root, "a.cs"));

        var moved = Review(Finding("Lost update", 1) with { File = Written("c.cs", "lock_it();\n") });

        Assert.Equal(FindingNews.New, copied.Findings[0].News);
        Assert.Equal((id, FindingNews.Accepted), (moved.Findings[0].Id, moved.Findings[0].News));
    }

    [Fact]
    public void Another_problem_of_the_same_code_is_new()
    {
        Code("lock_it();\n");
        Review(Finding("Lost update", 1));

        var second = Review(Finding("Lost update", 1), Finding("Deadlock under a signal handler", 1));

        Assert.Equal([FindingNews.Still, FindingNews.New], second.Findings.Select(f => f.News));
    }

    [Fact]
    public void The_same_title_is_the_same_finding_though_its_code_changed()
    {
        Code("lock_it();\n");
        Review(Finding("Lost update", 1));
        Code("lock_it(timeout);\n");

        Assert.Equal(FindingNews.Still, Review(Finding("Lost update", 1)).Findings[0].News);
    }

    [Fact]
    public void Only_code_that_is_gone_is_fixed()
    {
        Code("int a;\nlock_it();\n");
        Review(Finding("Lost update", 2));

        var silent = Review();
        Code("int a;\n");
        var gone = Review();

        Assert.Empty(silent.Fixed);
        Assert.Equal("Lost update", Assert.Single(silent.Unreported).Title);
        Assert.Equal("Lost update", Assert.Single(gone.Fixed).Title);
        Assert.Equal(FindingState.Fixed, Assert.Single(_ledger.Findings).State);
    }

    [Theory]
    [InlineData("too large")]
    [InlineData("a link")]
    public void A_file_that_cannot_be_read_fixes_nothing(string why)
    {
        Code("lock_it();\n");
        Review(Finding("Lost update", 1));
        var before = _ledger;
        File.Delete(Path.Combine(_root, "a.cs"));
        if (why == "a link")
        {
            File.CreateSymbolicLink(Path.Combine(_root, "a.cs"), Written("b.cs", "nothing();\n"));
        }
        else
        {
            using var large = File.Create(Path.Combine(_root, "a.cs"));
            large.SetLength(64 * 1024 * 1024);
        }

        var update = Review();

        Assert.Empty(update.Fixed);
        Assert.Equal(before.Findings, _ledger.Findings);
    }

    [Fact]
    public void What_stood_in_a_file_that_is_gone_is_fixed()
    {
        Code("lock_it();\n");
        Review(Finding("Lost update", 1));
        File.Delete(Path.Combine(_root, "a.cs"));

        Assert.Equal("Lost update", Assert.Single(Review().Fixed).Title);
    }

    [Fact]
    public void What_comes_back_after_it_was_fixed_is_new_under_its_old_name()
    {
        Code("lock_it();\n");
        var first = Review(Finding("Lost update", 1));
        Code("nothing();\n");
        Review();
        Code("lock_it();\n");

        var again = Review(Finding("Lost update", 1));

        Assert.Equal((FindingNews.New, first.Findings[0].Id), (again.Findings[0].News, again.Findings[0].Id));
        Assert.Equal(FindingState.Open, Assert.Single(_ledger.Findings).State);
    }

    [Theory]
    [InlineData(FindingState.Accepted, false)]
    [InlineData(FindingState.Wrong, false)]
    [InlineData(FindingState.Open, true)]
    public void What_was_decided_about_does_not_count(FindingState state, bool counts)
    {
        Code("lock_it();\n");
        Review(Finding("Lost update", 1));
        _ledger = _ledger with { Findings = [_ledger.Findings[0] with { State = state }] };

        Assert.Equal(counts, Review(Finding("Lost update", 1)).Findings[0].Counts);
        Assert.Equal(state, _ledger.Findings[0].State);
    }

    [Fact]
    public void A_review_of_an_old_commit_fixes_nothing()
    {
        Code("lock_it();\n");
        Review(Finding("Lost update", 1));
        Code("");

        var update = LedgerUpdate.Make(_ledger, Report(), new ReviewedFiles(_root, new HashSet<string> { "a.cs" }, "review-x", isTree: false, Start));

        Assert.Empty(update.Fixed);
    }

    [Fact]
    public void Two_alike_in_one_report_have_two_names()
    {
        Code("lock_it();\n");

        var update = Review(Finding("Lost update", 1), Finding("Lost update", 1));

        Assert.Equal(2, update.Findings.Select(f => f.Id).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void A_finding_in_a_file_that_is_not_there_is_kept_all_the_same()
    {
        var first = Review(Finding("Lost update", 1));

        Assert.Equal(FindingNews.Still, Review(Finding("Lost update", 1)).Findings[0].News);
        Assert.Matches("^[0-9a-f]{12}$", first.Findings[0].Id);
    }

    [Fact]
    public void However_much_reviewers_write_the_ledger_stays_small_and_keeps_what_was_decided()
    {
        var first = Review(Finding("Kept", 1));
        _ledger = _ledger with { Findings = [_ledger.Findings[0] with { State = FindingState.Accepted }] };
        for (var round = 0; round < 5; round++)
            Review([.. Enumerable.Range(0, 500).Select(i => Finding($"Title {Word(i)}{(char)('a' + round)}", 1) with { Body = new string('b', 100_000), File = $"{round}-{i}.cs" })]);

        Assert.Equal(2000, _ledger.Findings.Count);
        Assert.Equal(first.Findings[0].Id, _ledger.Findings[0].Id);
        Assert.Contains(_ledger.Findings, record => record.File == "4-499.cs");
        Assert.DoesNotContain(_ledger.Findings, record => record.File == "0-0.cs");
        Assert.All(_ledger.Findings, record => Assert.InRange(record.Body!.Length, 1, 3000));

        static string Word(int number) => string.Concat($"{number}".Select(digit => (char)('a' + digit - '0')));
    }

    [LinuxFact]
    public void A_place_that_is_a_pipe_or_lies_behind_a_link_is_not_looked_into()
    {
        using (var made = System.Diagnostics.Process.Start("mkfifo", Path.Combine(_root, "pipe")))
            made.WaitForExit();
        var outside = Directory.CreateDirectory(Path.Combine(_root, "elsewhere")).FullName;
        File.WriteAllText(Path.Combine(outside, "b.cs"), "lock_it();\n");
        Directory.CreateSymbolicLink(Path.Combine(_root, "link"), outside);

        Review(Finding("Lost update", 1) with { File = "pipe" }, Finding("Lost update", 1) with { File = "link/b.cs" });

        Assert.All(_ledger.Findings, record => Assert.Null(record.CodeHash));
    }

    [Fact]
    public void Thousands_of_findings_are_looked_for_in_a_large_file_at_once()
    {
        var lines = CodeLines.Of(string.Join('\n', Enumerable.Range(0, 20_000).Select(i => $"        var value{i} = await something.CallAsync({i}, cancellation);")));
        var watch = System.Diagnostics.Stopwatch.StartNew();

        for (var i = 0; i < 5000; i++)
        {
            var (hash, count) = lines.HashOf(1 + (i * 3), 1 + (i * 3) + (i % 20))!.Value;
            Assert.True(lines.Contains(hash, count));
            Assert.False(lines.Contains($"{i:x16}", count));
        }

        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5)); // A fifth of a second, nearly all of it for reading the lines; it was minutes when each look hashed the text anew.
    }

    private static Finding Finding(string title, int line) => new(Severity.High, title, "Body.", "a.cs", line, line, 0.9, "");

    private static ReviewReport Report(params Finding[] findings) => new(findings.Length == 0, "Summary.", findings, []);

    private string Written(string file, string text)
    {
        File.WriteAllText(Path.Combine(_root, file), text);
        return file;
    }

    private void Code(string text) => File.WriteAllText(Path.Combine(_root, "a.cs"), text);

    private LedgerUpdate Review(params Finding[] findings)
    {
        var update = LedgerUpdate.Make(
            _ledger, Report(findings), new ReviewedFiles(_root, new HashSet<string> { "a.cs" }, $"review-{++_reviews}", isTree: true, Start.AddHours(_reviews)));
        _ledger = update.Ledger;
        return update;
    }
}
