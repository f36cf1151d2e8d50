using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Reviews.Rendering;

namespace CodexCompanion.Tool.Jobs;

/// <summary>A result for a Claude session, which is not shown all of a long one: the text lies in a file, too, and its path comes first.</summary>
internal static class LongResult
{
    // Claude Code shows some 30,000 characters of what a command printed, and 10,000 of one that failed; a little less, for what it adds.
    private const int MostShown = 28_000;
    private const int MostShownOfFailure = 9_000;

    /// <summary>What to print.</summary>
    /// <param name="host">Who asks.</param>
    /// <param name="printed">What would be printed without a limit.</param>
    /// <param name="exitCode">How the command will end.</param>
    /// <param name="results">The results in it, each as it is printed alone.</param>
    public static string For(ToolHost host, string printed, int exitCode, params IEnumerable<(FoundJob Found, string Text)> results)
    {
        var most = exitCode == ExitCodes.Done ? MostShown : MostShownOfFailure;
        if (printed.Length <= most || host.SessionId is null || host.Streams.OutputIsTerminal())
            return printed;
        var lines = results.Where(result => IsForPeople(result.Found.Job)).Select(result => LineOf(result.Found, result.Text));
        var head = string.Concat(lines);
        return head.Length == 0 ? printed : $"{head}\n{printed}";
    }

    private static string LineOf(FoundJob found, string text) =>
        found.Store.WriteResultText(found.Job.Id, text) is { } path
            ? $"The whole result of {found.Job.Id} ({text.Length} characters) is in {path}\n"
            : "";

    // A line in front of SARIF or XML would spoil it for the program that reads it.
    private static bool IsForPeople(JobRecord job) =>
        RecordedRequest.Of(job).Value?.Text(RecordedRequest.Format) is not { } name
        || !ReviewFormats.TryParse(name, out var format)
        || format is ReviewFormat.Text or ReviewFormat.Markdown;
}
