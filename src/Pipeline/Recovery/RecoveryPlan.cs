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
    public static RecoveryAction Decide(LostTurnState found, bool mayWrite, bool ephemeral) => found switch
    {
        _ when ephemeral => mayWrite ? RecoveryAction.GiveUp : RecoveryAction.Send,
        LostTurnState.Completed => RecoveryAction.TakeResult,
        LostTurnState.Failed => RecoveryAction.ReportFailure,
        LostTurnState.NotThere => RecoveryAction.Send,
        LostTurnState.Interrupted when mayWrite => RecoveryAction.Continue,
        LostTurnState.Interrupted => RecoveryAction.RunAgain,
        _ => RecoveryAction.GiveUp,
    };
}

/// <summary>What a thread's record says of a turn.</summary>
public enum LostTurnState
{
    /// <summary>It completed.</summary>
    Completed,

    /// <summary>It failed by itself.</summary>
    Failed,

    /// <summary>It was cut short.</summary>
    Interrupted,

    /// <summary>The prompt is not in the thread: it never began.</summary>
    NotThere,

    /// <summary>The record cannot be read or makes no sense.</summary>
    Unclear,
}
