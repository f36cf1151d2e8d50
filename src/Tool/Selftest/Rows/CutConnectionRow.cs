namespace CodexCompanion.Tool.Selftest.Rows;

/// <summary>Only the connection breaks: broker, app-server and turn live on, and the turn must be stopped before anything is done again.</summary>
internal sealed class CutConnectionRow : Row
{
    private DroppingBroker? _dropping;
    private int _drops;

    public override string Name => "connection-cut";

    public override string Description => "The connection breaks in mid-turn, while broker, app-server and turn live on.";

    // Each takes longer than others: the turn has to be stopped first.
    public override int Tasks => 6;

    public override string? WhyNotHere => OperatingSystem.IsWindows() ? "It needs unix sockets that can be renamed." : null;

    // The first task starts the broker whose connections are cut.
    public override int LeastFaults => Tasks - 1;

    // Long enough that the turn still runs when the connection is cut.
    public override TaskCall Call(int number) => TaskCall.Writing(number, "think 300ms");

    public override int CountFaults(RowEvidence evidence) => _drops;

    protected override Task BeforeAsync(Sandbox sandbox, int number, CancellationToken cancellation)
    {
        if (number > 1)
            _dropping = DroppingBroker.Place(sandbox, DropMoment.TurnRunning, () => Task.CompletedTask);
        return Task.CompletedTask;
    }

    protected override async Task AfterAsync(Sandbox sandbox, int number, CancellationToken cancellation)
    {
        if (_dropping is null)
            return;
        _drops += _dropping.Drops;
        _dropping.GiveBack();
        await _dropping.DisposeAsync();
        _dropping = null;
    }
}
