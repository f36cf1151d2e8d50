using CodexCompanion.Pipeline.Tests.Turns;
using CodexCompanion.Pipeline.Turns;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Steps;

public sealed class CompanionPipelineTests
{
    private readonly RecordingObserver _observer = new();
    private readonly ManualTime _time = new();

    [Fact]
    public void The_five_steps_stand_in_their_order() =>
        Assert.Equal(["ResolveState", "ValidateBroker", "Connect", "Execute", "FallbackDirect"], CompanionPipeline.BuiltInOrder);

    [Fact]
    public async Task Every_step_gets_the_same_context_in_turn()
    {
        var seen = new List<(string Step, PipelineContext Context)>();
        var pipeline = Pipeline(name => (context, next) =>
        {
            seen.Add((name, context));
            return next(context);
        });

        await RunAsync(pipeline);

        Assert.Equal(CompanionPipeline.BuiltInOrder, seen.Select(s => s.Step));
        Assert.Single(seen.Select(s => s.Context).Distinct());
    }

    [Fact]
    public async Task A_step_that_answers_ends_the_run()
    {
        var pipeline = Pipeline(name => (context, next) => name switch
        {
            "Connect" => Task.FromResult<Outcome>(new Outcome.Completed(new TurnResult { FinalText = "here" })),
            "Execute" or "FallbackDirect" => throw new InvalidOperationException("must not be reached"),
            _ => next(context),
        });

        Assert.Equal("here", (await RunAsync(pipeline)).Result?.FinalText);
    }

    [Fact]
    public async Task A_run_that_no_step_answers_fails_with_a_sentence()
    {
        var failed = Assert.IsType<Outcome.Failed>(await RunAsync(Pipeline(_ => (context, next) => next(context))));

        Assert.Equal(FailureKind.Internal, failed.Kind);
        Assert.NotEmpty(failed.Message);
    }

    [Fact]
    public async Task A_pipeline_can_be_run_again_and_again()
    {
        var contexts = new List<PipelineContext>();
        var pipeline = Pipeline(name => (context, next) =>
        {
            if (name == "FallbackDirect")
                contexts.Add(context);
            return next(context);
        });
        await RunAsync(pipeline);
        await RunAsync(pipeline);

        Assert.Equal(2, contexts.Distinct().Count());
    }

    [Fact]
    public async Task The_trail_tells_each_steps_own_time_its_verdict_and_its_reason()
    {
        var pipeline = Pipeline(name => async (context, next) =>
        {
            _time.Advance(TimeSpan.FromSeconds(name.Length));
            context.StepVerdict = ("did " + name, name == "Connect" ? "because" : null);
            var outcome = name == "FallbackDirect" ? new Outcome.Cancelled(StopProof.NothingRan) : await next(context);
            _time.Advance(TimeSpan.FromHours(1));
            return outcome;
        });

        await RunAsync(pipeline);

        Assert.Equal(CompanionPipeline.BuiltInOrder, _observer.Trail.Select(t => t.Step));
        Assert.Equal(CompanionPipeline.BuiltInOrder.Select(s => "did " + s), _observer.Trail.Select(t => t.Verdict));
        Assert.Equal([null, null, "because", null, null], _observer.Trail.Select(t => t.Reason));
        Assert.Equal(
            CompanionPipeline.BuiltInOrder.SkipLast(1).Select(s => TimeSpan.FromSeconds(s.Length)),
            _observer.Trail.SkipLast(1).Select(t => t.Duration));
    }

    [Fact]
    public async Task A_step_that_says_nothing_does_not_inherit_the_verdict_of_the_one_before()
    {
        var pipeline = Pipeline(name => (context, next) =>
        {
            if (name == "ResolveState")
                context.StepVerdict = ("Missing", "why");
            return next(context);
        });

        await RunAsync(pipeline);

        Assert.Equal(("Missing", "why"), (_observer.Trail[0].Verdict, _observer.Trail[0].Reason));
        Assert.Equal(("done", null), (_observer.Trail[1].Verdict, _observer.Trail[1].Reason));
    }

    private CompanionPipeline Pipeline(Func<string, Func<PipelineContext, PipelineNext, Task<Outcome>>> does) => new(
        CompanionPipeline.BuiltInOrder.Select(name => new TrailDecorator(new NamedStep(name, new StepPlacement.BuiltIn(), does(name)), _time)));

    private async Task<Outcome> RunAsync(CompanionPipeline pipeline)
    {
        var request = new TurnRequest { JobId = "j", Cwd = "/", Prompt = "p", ClientMessageId = "m" };
        await using var context = new PipelineContext(request, new RunOptions(), _observer, CancellationToken.None);
        return await pipeline.RunAsync(context);
    }
}
