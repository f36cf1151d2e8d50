namespace CodexCompanion.Tool.Selftest.Rows;

/// <summary>The broker dies by SIGKILL between two tasks: record, socket and app-server are left behind.</summary>
internal sealed class BrokerKilledRow : Row
{
    private int _kills;

    public override string Name => "broker-killed";

    public override string Description => "The broker is killed by SIGKILL after every task.";

    public override string? WhyNotHere => OperatingSystem.IsWindows() ? "There is no SIGKILL." : null;

    public override int CountFaults(RowEvidence evidence) => _kills;

    protected override async Task AfterAsync(Sandbox sandbox, int number, CancellationToken cancellation)
    {
        if (await sandbox.Inhabitants.KillBrokerAsync())
            _kills++;
    }
}
