using System.IO.Abstractions;
using CodexCompanion.Pipeline.Tests.Processes;
using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Processes;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Steps;

public sealed class CompanionServicesTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Exactly_the_five_steps_are_found_each_in_one_trail()
    {
        using var services = Services().BuildServiceProvider();
        var steps = services.GetRequiredService<CompanionPipeline>().Steps;

        Assert.Equal(CompanionPipeline.BuiltInOrder, steps.Select(s => s.Name));
        Assert.All(steps, step => Assert.IsType<TrailDecorator>(step));
    }

    [Fact]
    public void Every_step_of_the_assembly_is_registered() =>
        Assert.Equal(
            typeof(CompanionPipeline).Assembly.GetTypes().Where(IsStep).OrderBy(type => type.Name),
            CompanionServices.BuiltInSteps.OrderBy(type => type.Name));

    [Fact]
    public async Task Each_step_that_runs_leaves_one_line_in_the_trail()
    {
        using var services = Services().BuildServiceProvider();
        var observer = new RecordingObserver();

        var failed = Assert.IsType<Outcome.Failed>(await RunAsync(services, observer));

        Assert.Equal(FailureKind.CodexMissing, failed.Kind);
        Assert.Equal(["ResolveState", "ValidateBroker"], observer.Trail.Select(t => t.Step));
        Assert.Equal("Missing", observer.Trail[0].Verdict);
        Assert.Equal(failed.Message, observer.Trail[1].Reason);
    }

    [Fact]
    public async Task A_step_of_somebody_elses_takes_part_and_leaves_its_line()
    {
        var own = new ServiceCollection();
        own.AddSingleton<IPipelineStep>(new NamedStep("Audit", new StepPlacement.After("ResolveState"), (context, next) =>
        {
            context.StepVerdict = ("audited", context.Store?.Workspace.Root);
            return next(context);
        }));
        using var services = Services(own).BuildServiceProvider();
        var observer = new RecordingObserver();

        await RunAsync(services, observer);

        Assert.Equal(
            ["ResolveState", "Audit", "ValidateBroker", "Connect", "Execute", "FallbackDirect"],
            services.GetRequiredService<CompanionPipeline>().Steps.Select(s => s.Name));
        Assert.Equal(["ResolveState", "Audit", "ValidateBroker"], observer.Trail.Select(t => t.Step));
        Assert.Equal(("audited", Workspace.Resolve(_folder.Path).Root), (observer.Trail[1].Verdict, observer.Trail[1].Reason));
    }

    [Fact]
    public async Task A_step_of_somebody_elses_may_answer_in_the_place_of_all_others()
    {
        var own = new ServiceCollection();
        own.AddSingleton<IPipelineStep>(new NamedStep(
            "Cache",
            new StepPlacement.Before("ResolveState"),
            (_, _) => Task.FromResult<Outcome>(new Outcome.Completed(new TurnResult { FinalText = "cached" }))));
        using var services = Services(own).BuildServiceProvider();
        var observer = new RecordingObserver();

        var outcome = await RunAsync(services, observer);

        Assert.Equal("cached", outcome.Result?.FinalText);
        Assert.Equal(["Cache"], observer.Trail.Select(t => t.Step));
    }

    [Fact]
    public void A_step_placed_at_an_unknown_one_is_an_error_when_the_pipeline_is_made()
    {
        var own = new ServiceCollection();
        own.AddSingleton<IPipelineStep>(NamedStep.After("Audit", "Nowhere"));
        using var services = Services(own).BuildServiceProvider();

        var refused = Assert.Throws<InvalidOperationException>(services.GetRequiredService<CompanionPipeline>);
        Assert.Contains("'Nowhere'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Making_the_pipeline_writes_nothing()
    {
        using var services = Services().BuildServiceProvider();
        services.GetRequiredService<CompanionPipeline>();

        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    private static bool IsStep(Type type) =>
        type.IsClass && type.IsAssignableTo(typeof(IPipelineStep)) && type != typeof(TrailDecorator);

    private IServiceCollection Services(IServiceCollection? own = null)
    {
        var setup = new CompanionSetup
        {
            ToolVersion = "0.1.0",
            ProgramPath = _folder["no-such-program"],
            StateRoot = _folder["state"],
            Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["PATH"] = _folder["no-such-folder"] },
        };
        return (own ?? new ServiceCollection()).AddCompanionPipeline(setup, cwd =>
        {
            var workspace = Workspace.Resolve(cwd);
            return new FileStateStore(
                new FileSystem(), workspace, StatePaths.For(setup.StateRoot, workspace), new ProcessTable(), TimeProvider.System);
        });
    }

    private async Task<Outcome> RunAsync(ServiceProvider services, RecordingObserver observer)
    {
        var request = new TurnRequest { JobId = "j", Cwd = _folder.Path, Prompt = "p", ClientMessageId = "m" };
        await using var context = new PipelineContext(request, new RunOptions(), observer, CancellationToken.None);
        return await services.GetRequiredService<CompanionPipeline>().RunAsync(context);
    }
}
