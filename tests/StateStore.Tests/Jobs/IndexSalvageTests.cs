using System.Text;
using CodexCompanion.StateStore.Jobs;

namespace CodexCompanion.StateStore.Tests.Jobs;

public sealed class IndexSalvageTests
{
    private const string Whole =
        """{"version":1,"later":[{"deep":{}}],"config":{"stopReviewGate":true},"jobs":[{"id":"task-1","status":"completed"},{"id":"task-2","status":"failed","x":"}]"}]}""";

    [Fact]
    public void Every_torn_index_keeps_the_entries_that_are_whole()
    {
        var bytes = Encoding.UTF8.GetBytes(Whole);
        for (var length = 0; length <= bytes.Length; length++)
        {
            var index = IndexSalvage.From(bytes.AsSpan(0, length));
            Assert.Equal(WholeJobs(length), index.Jobs.Select(job => job.Id));
            Assert.Equal(length >= Whole.IndexOf(",\"jobs\"", StringComparison.Ordinal), index.Config?.StopReviewGate == true);
        }
    }

    [Fact]
    public void Entries_that_are_no_jobs_do_not_cost_the_others()
    {
        var index = IndexSalvage.From("""{"jobs":[42,{"id":"task-1"},null,{"id":"task-2","status":"odd"},{"id":"../../x"},{"id":"task-3"}]}"""u8);
        Assert.Equal(["task-1", "task-3"], index.Jobs.Select(job => job.Id));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\0\0\0")]
    [InlineData("[]")]
    [InlineData("{\"jobs\":{}}")]
    [InlineData("{\"jobs\":")]
    [InlineData("{\"config\":7,\"jobs\":7}")]
    public void Where_there_is_nothing_nothing_comes_out(string content)
    {
        var index = IndexSalvage.From(Encoding.UTF8.GetBytes(content));
        Assert.Empty(index.Jobs);
        Assert.Null(index.Config);
    }

    private static string[] WholeJobs(int length)
    {
        var firstEnds = Whole.IndexOf("},{\"id\":\"task-2\"", StringComparison.Ordinal) + 1;
        var secondEnds = Whole.Length - "]}".Length;
        return length < firstEnds ? [] : length < secondEnds ? ["task-1"] : ["task-1", "task-2"];
    }
}
