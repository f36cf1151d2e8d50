using CodexCompanion.Pipeline.Recovery;
using CodexCompanion.Pipeline.Turns;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Recovery;

public sealed class RecoveryPlanTests
{
    private static readonly TurnFate[] Fates =
    [
        new TurnFate.Completed(new TurnResult()), new TurnFate.Interrupted(new TurnResult()),
        new TurnFate.Failed(new Outcome.Failed(FailureKind.TurnFailed, "no")), new TurnFate.Running("turn"), new TurnFate.NotThere(), new TurnFate.Unknown(),
    ];

    public static TheoryData<string, bool, RecoveryAction> Table => new()
    {
        { "Completed", false, RecoveryAction.TakeResult },
        { "Completed", true, RecoveryAction.TakeResult },
        { "Failed", false, RecoveryAction.ReportFailure },
        { "Failed", true, RecoveryAction.ReportFailure },
        { "NotThere", false, RecoveryAction.Send },
        { "NotThere", true, RecoveryAction.Send },
        { "Interrupted", false, RecoveryAction.RunAgain },
        { "Interrupted", true, RecoveryAction.Continue },
        { "Running", false, RecoveryAction.GiveUp },
        { "Running", true, RecoveryAction.GiveUp },
        { "Unknown", false, RecoveryAction.GiveUp },
        { "Unknown", true, RecoveryAction.GiveUp },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void What_became_of_the_turn_decides(string fate, bool mayWrite, RecoveryAction action) =>
        Assert.Equal(action, RecoveryPlan.Decide(Fates.Single(f => f.GetType().Name == fate), mayWrite, ephemeral: false));

    [Fact]
    public void The_table_has_every_fate() =>
        Assert.Equal(typeof(TurnFate).GetNestedTypes().Select(t => t.Name).Order(StringComparer.Ordinal), Fates.Select(f => f.GetType().Name).Order(StringComparer.Ordinal));

    [Fact]
    public void An_ephemeral_read_only_turn_simply_runs_again_and_a_writing_one_is_left_to_the_user()
    {
        foreach (var fate in Fates)
        {
            Assert.Equal(RecoveryAction.Send, RecoveryPlan.Decide(fate, mayWrite: false, ephemeral: true));
            Assert.Equal(RecoveryAction.GiveUp, RecoveryPlan.Decide(fate, mayWrite: true, ephemeral: true));
        }
    }

    [Fact]
    public void A_writing_turn_that_may_have_begun_is_never_sent_blindly_again()
    {
        foreach (var fate in Fates.Where(f => f is not TurnFate.NotThere))
        {
            Assert.NotEqual(RecoveryAction.Send, RecoveryPlan.Decide(fate, mayWrite: true, ephemeral: false));
            Assert.NotEqual(RecoveryAction.RunAgain, RecoveryPlan.Decide(fate, mayWrite: true, ephemeral: false));
        }
    }

    [Fact]
    public void A_continuation_says_what_it_is_in_its_first_line_and_asks_to_look_before_changing_anything()
    {
        Assert.StartsWith(ContinuationPrompt.Marker + "\n", ContinuationPrompt.Text.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Contains("Before you change anything", ContinuationPrompt.Text, StringComparison.Ordinal);
    }
}
