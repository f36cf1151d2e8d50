namespace CodexCompanion.Tool.Selftest.Rows;

/// <summary>
/// The same with recovery switched off, as it was reported: of six tasks every second one dies. Were they not lost, the fault would prove nothing.
/// </summary>
internal sealed class WithoutRecoveryRow : DroppedTurnRow
{
    public override string Name => "no-recovery";

    public override string Description => "The same with recovery switched off: every second task must be lost.";

    public override int Tasks => 6;

    public override bool IsControl => true;

    public override bool MustFail(int number) => number % 2 == 0;

    public override void Arrange(Sandbox sandbox) => sandbox.Variables["CODEX_COMPANION_NO_RECOVERY"] = "1";
}
