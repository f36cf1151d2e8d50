using CodexCompanion.Pipeline.Turns;

namespace CodexCompanion.Pipeline.Recovery;

/// <summary>What to do about a lost turn that is over.</summary>
public enum RecoveryAction
{
    /// <summary>It had completed: take its result.</summary>
    TakeResult,

    /// <summary>It had failed by itself: report that.</summary>
    ReportFailure,

    /// <summary>It never began: send it.</summary>
    Send,

    /// <summary>It was cut short and changes nothing: run it again on the same thread.</summary>
    RunAgain,

    /// <summary>It was cut short and may have changed files: go on on the same thread, looking first at what is done.</summary>
    Continue,

    /// <summary>Nothing is safe: leave it to the user.</summary>
    GiveUp,
}

/// <summary>The rules of recovery: pure and total.</summary>
public static class RecoveryPlan
{
    /// <summary>Decides.</summary>
    /// <param name="found">What the thread's own record says of the turn.</param>
    /// <param name="mayWrite">Whether it may have changed anything.</param>
    /// <param name="ephemeral">Whether the thread is kept nowhere, so that nothing could be found.</param>
    public static RecoveryAction Decide(TurnFate found, bool mayWrite, bool ephemeral) => found switch
    {
        _ when ephemeral => mayWrite ? RecoveryAction.GiveUp : RecoveryAction.Send,
        TurnFate.Completed => RecoveryAction.TakeResult,
        TurnFate.Failed => RecoveryAction.ReportFailure,
        TurnFate.NotThere => RecoveryAction.Send,
        TurnFate.Interrupted when mayWrite => RecoveryAction.Continue,
        TurnFate.Interrupted => RecoveryAction.RunAgain,
        _ => RecoveryAction.GiveUp,
    };
}
