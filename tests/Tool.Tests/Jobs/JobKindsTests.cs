using System.Text.Json;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Jobs;
using Xunit;

namespace CodexCompanion.Tool.Tests.Jobs;

/// <summary>A job's work, made again from its record in another process.</summary>
public sealed class JobKindsTests : IDisposable
{
    private readonly ToolBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("task", "--write", "--effort", "high", "-m", "spark", "-c", "a.b=[1,2]", "-c", "s=x", "--time-limit", "90s", "fix the b\u00fcg\nplease")]
    [InlineData("task", "--thread", "0199a213-81c0-7800-8aa1-bbab2a035a53", "--no-broker", "--stall-limit", "3m", "go on")]
    public async Task The_work_made_again_is_the_work_that_was_recorded(params string[] arguments)
    {
        _bench.Variables["CODEX_COMPANION_CONNECT_LIMIT"] = "4s";
        await _bench.RunAsync(arguments);
        var (asked, setup) = (_bench.Run.Request!, _bench.Run.Setup!);

        var rebuilt = JobKinds.Rebuild(_bench.Host(Stream.Null, Stream.Null), _bench.Store, _bench.Job);
        var work = Assert.IsType<TaskWork>(rebuilt.Value);
        var none = new Dictionary<string, JsonElement>();
        Assert.Equal(asked with { Config = none }, work.Turn with { Config = none });
        Assert.Equal(asked.Config.Keys.Order(), work.Turn.Config.Keys.Order());
        Assert.All(asked.Config, pair => Assert.True(JsonElement.DeepEquals(pair.Value, work.Turn.Config[pair.Key])));
        Assert.Equal(setup with { Store = null!, Recorded = work.Setup.Recorded }, work.Setup with { Store = null! });
        Assert.Equal(TimeSpan.FromSeconds(4), work.Setup.Limits.Connect);
    }

    [Fact]
    public void A_kind_of_a_later_version_is_named_and_not_run()
    {
        var error = JobKinds.Rebuild(_bench.Host(Stream.Null, Stream.Null), _bench.Store, new JobRecord { Id = "task-x", Kind = "dance" }).Error;
        Assert.Equal("Job task-x is of a kind this version does not know (dance).", error?.Message);
    }

    [Fact]
    public void A_record_without_its_request_is_not_run()
    {
        var error = JobKinds.Rebuild(_bench.Host(Stream.Null, Stream.Null), _bench.Store, new JobRecord { Id = "task-x", Kind = "rescue" }).Error;
        Assert.Contains("does not say what was asked for", error?.Message, StringComparison.Ordinal);
    }
}
