using System.Text;
using CodexCompanion.Pipeline.Validation;

namespace CodexCompanion.Tool.Selftest.Rows;

/// <summary>The record cannot be understood.</summary>
internal sealed class CorruptRecordRow : PlantedRecordRow
{
    // Nothing, a write that was cut short, zeros after a power failure, something else.
    private static readonly byte[][] Contents =
    [
        [],
        Encoding.UTF8.GetBytes("""{"version":1,"instanceId":"0a1b2c3d4e5f","endpoi"""),
        new byte[512],
        Encoding.UTF8.GetBytes("[]"),
    ];

    public override string Name => "corrupt-record";

    public override string Description => "broker.json is empty, torn, zeroed or something else.";

    protected override VerdictKind VerdictOf(int number) => VerdictKind.Corrupt;

    protected override async Task PlantAsync(Sandbox sandbox, int number, CancellationToken cancellation)
    {
        sandbox.Store.EnsureCreated();
        await File.WriteAllBytesAsync(sandbox.Store.Paths.BrokerFile, Contents[number % Contents.Length], cancellation);
    }
}
