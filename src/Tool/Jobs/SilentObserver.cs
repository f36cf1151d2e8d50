using CodexCompanion.Pipeline.Turns;

namespace CodexCompanion.Tool.Jobs;

/// <summary>Hears what a run tells and keeps none of it: where only the answer matters.</summary>
internal sealed class SilentObserver : IRunObserver
{
    /// <inheritdoc/>
    public void On(RunEvent happened)
    {
        // There is no job whose log would have it.
    }
}
