namespace CodexCompanion.Tool.Selftest.Rows;

/// <summary>All rows.</summary>
internal static class RowCatalog
{
    /// <summary>Fresh ones, in the order in which they begin: those that take long first, so that none is waited for at the end.</summary>
    public static IReadOnlyList<Row> Create() =>
    [
        new HealthyRow(),
        new DroppedTurnRow(),
        new WithoutRecoveryRow(),
        new KilledReadingRow(),
        new KilledWritingRow(),
        new ServerExitsRow(),
        new CutConnectionRow(),
        new BrokerKilledRow(),
        new DeadRecordRow(),
        new ForeignRecordRow(),
        new CorruptRecordRow(),
        new LongSocketPathRow(),
        new FourAtOnceRow(),
        new NoBrokerRow(),
    ];
}
