namespace CodexCompanion.Pipeline;

/// <summary>A task whose outcome concerns nobody any more, or perhaps never will.</summary>
internal static class ForgottenTask
{
    /// <summary>Lets it go. Looking at its exception keeps that from being reported as unobserved.</summary>
    public static void Forget(this Task task) => _ = task.ContinueWith(static t => t.Exception, TaskScheduler.Default);
}
