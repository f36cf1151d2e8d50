namespace CodexCompanion.Tool.Selftest.Rows;

/// <summary>
/// The defect this tool exists for: a broker that has served a turn accepts the next client, greets it, takes its turn and is gone, with
/// its record and its socket left behind. Half of the lost turns never reached an app-server, half were running.
/// </summary>
internal class DroppedTurnRow : Row
{
    private DroppingBroker? _dropping;
    private int _drops;

    public override string Name => "broker-drops";

    public override string Description => "The broker answers, takes every second turn and is gone in the middle of it.";

    public override int LeastFaults => Tasks / 2;

    public override TaskCall Call(int number) => MomentOf(number) == DropMoment.TurnRunning
        ? TaskCall.Writing(number, "think 300ms") // Long enough that the turn still runs when its broker is killed.
        : TaskCall.Writing(number);

    public override int CountFaults(RowEvidence evidence) => _drops;

    public override string? WhyNotHere => OperatingSystem.IsWindows() ? "It needs unix sockets that can be renamed." : null;

    protected override Task BeforeAsync(Sandbox sandbox, int number, CancellationToken cancellation)
    {
        if (MomentOf(number) is { } moment)
            _dropping = DroppingBroker.Place(sandbox, moment, sandbox.Inhabitants.KillBrokerAsync);
        return Task.CompletedTask;
    }

    protected override async Task AfterAsync(Sandbox sandbox, int number, CancellationToken cancellation)
    {
        if (_dropping is null)
            return;
        _drops += _dropping.Drops;
        await _dropping.DisposeAsync();
        _dropping = null;
    }

    private static DropMoment? MomentOf(int number) => (number % 4) switch
    {
        2 => DropMoment.TurnTaken,
        0 => DropMoment.TurnRunning,
        _ => null,
    };
}
