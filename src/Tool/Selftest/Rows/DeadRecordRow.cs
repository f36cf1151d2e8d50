using CodexCompanion.Pipeline.Validation;
using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.Tool.Selftest.Rows;

/// <summary>The record names a process that has ended.</summary>
internal sealed class DeadRecordRow : PlantedRecordRow
{
    private ProcessIdentity? _dead;

    public override string Name => "dead-record";

    public override string Description => "broker.json and a socket were left behind by a process that is gone.";

    protected override VerdictKind VerdictOf(int number) => VerdictKind.Stale;

    protected override async Task PlantAsync(Sandbox sandbox, int number, CancellationToken cancellation)
    {
        _dead ??= await ShortLifeAsync(sandbox);
        PublishAbandoned(sandbox, _dead, _dead);
    }

    private static async Task<ProcessIdentity> ShortLifeAsync(Sandbox sandbox)
    {
        using var child = OwnProcess.Start(sandbox, ["--version"]);
        child.EndInput();
        await child.Exited;
        return child.Identity ?? sandbox.Processes.Self with { Pid = child.Pid, StartTime = "0" };
    }
}
