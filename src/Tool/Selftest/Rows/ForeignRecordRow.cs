using CodexCompanion.Pipeline.Processes;
using CodexCompanion.Pipeline.Validation;
using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.Tool.Selftest.Rows;

/// <summary>
/// The PID in the record belongs to a living process that has nothing to do with it. By turns the record's start time is another one (the
/// PID was used again) or this process's own (the record lies); either way it must survive.
/// </summary>
internal sealed class ForeignRecordRow : PlantedRecordRow
{
    private ChildProcess? _bystander;
    private int _survived;

    public override string Name => "foreign-pid";

    public override string Description => "broker.json names the PID of another living process, which must survive.";

    public override string? Objection(RowEvidence evidence) =>
        _survived == Tasks ? null : $"The other process was alive after {_survived} tasks instead of {Tasks}.";

    public override async Task<IReadOnlyList<TaskRun>> RunAsync(Sandbox sandbox, CancellationToken cancellation)
    {
        // It waits for its first message, and ends when its input does.
        using var bystander = OwnProcess.Start(sandbox, ["app-server"]);
        _bystander = bystander;
        var runs = await base.RunAsync(sandbox, cancellation);
        bystander.EndInput();
        await bystander.Exited;
        return runs;
    }

    protected override VerdictKind VerdictOf(int number) => IsReused(number) ? VerdictKind.PidReused : VerdictKind.Stale;

    protected override Task PlantAsync(Sandbox sandbox, int number, CancellationToken cancellation)
    {
        var reused = Identity with { StartTime = "1" };
        PublishAbandoned(sandbox, IsReused(number) ? reused : Identity, reused);
        return Task.CompletedTask;
    }

    protected override Task AfterAsync(Sandbox sandbox, int number, CancellationToken cancellation)
    {
        if (sandbox.Processes.Look(Identity) == ProcessPresence.Same)
            _survived++;
        return Task.CompletedTask;
    }

    private ProcessIdentity Identity => _bystander!.Identity ?? throw new IOException("The other process ended before it was looked at.");

    private static bool IsReused(int number) => number % 2 == 1;
}
