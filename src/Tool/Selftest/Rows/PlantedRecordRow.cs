using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Steps;
using CodexCompanion.Pipeline.Validation;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.CommandLine;

namespace CodexCompanion.Tool.Selftest.Rows;

/// <summary>Each task finds a record that no living broker wrote. That it was found, and what was made of it, stands in the trail.</summary>
internal abstract class PlantedRecordRow : Row
{
    public override int CountFaults(RowEvidence evidence) =>
        evidence.Runs.Count(r => r.HasVerdict(ValidateBrokerStep.StepName, VerdictOf(r.Call.Number).ToString()));

    /// <summary>What a task must make of the record.</summary>
    protected abstract VerdictKind VerdictOf(int number);

    /// <summary>Puts the record there. No broker runs.</summary>
    protected abstract Task PlantAsync(Sandbox sandbox, int number, CancellationToken cancellation);

    protected override async Task BeforeAsync(Sandbox sandbox, int number, CancellationToken cancellation)
    {
        await sandbox.Inhabitants.StopBrokerAsync();
        await PlantAsync(sandbox, number, cancellation);
    }

    /// <summary>A record as a broker would have left it behind, together with a socket nobody listens on.</summary>
    protected static void PublishAbandoned(Sandbox sandbox, ProcessIdentity broker, ProcessIdentity appServer)
    {
        var instance = $"{sandbox.Time.GetTimestamp():x12}"[^12..];
        var endpoint = OperatingSystem.IsWindows() ? instance : Path.Combine(sandbox.Temp, instance + ".sock");
        if (!OperatingSystem.IsWindows())
            LeaveSocket(endpoint);
        sandbox.Store.EnsureCreated();
        sandbox.Store.PublishBroker(new BrokerRecord
        {
            InstanceId = instance,
            Endpoint = endpoint,
            Process = broker,
            AppServer = appServer,
            StartedAt = sandbox.Time.GetUtcNow(),
            Protocol = BrokerProtocol.Version,
            ToolVersion = ToolVersion.Text,
            Fingerprint = "0123456789abcdef",
            LogFile = Path.Combine(sandbox.Store.Paths.LogsDirectory, "broker.log"),
        });
    }

    private static void LeaveSocket(string endpoint)
    {
        using var listener = BrokerEndpoint.Listen(endpoint + "-");
        File.Move(endpoint + "-", endpoint); // What the listener removes when it is closed is its old name.
    }
}
