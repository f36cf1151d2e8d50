using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Processes;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Setup;

/// <summary>Whether Codex's sandbox works on this system, tried with a command that does nothing: closed, one of three.</summary>
internal abstract record SandboxProbe
{
    // 20 ms where it works; a machine that takes longer than this has another problem.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    // How clap, codex's argument parser, says that it does not know a command or an option.
    private const int UsageExitCode = 2;

    private static readonly string[] TryIt = ["sandbox", "--", "true"];

    private SandboxProbe()
    {
    }

    /// <summary>It works.</summary>
    internal sealed record Works : SandboxProbe;

    /// <summary>It does not: every command of a task would fail.</summary>
    /// <param name="Complaint">What it said, on one line.</param>
    /// <param name="Evidence">What was run, and how it ended.</param>
    internal sealed record Refused(string Complaint, string Evidence) : SandboxProbe;

    /// <summary>It cannot be told, for the reason in a phrase.</summary>
    internal sealed record Untold(string Why) : SandboxProbe;

    /// <summary>Tries it, in the environment an app-server would have.</summary>
    /// <param name="codex">The codex.</param>
    /// <param name="variables">The caller's environment.</param>
    /// <param name="processes">Tells the identity of what is started.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Ends the try with an <see cref="OperationCanceledException"/>.</param>
    public static async Task<SandboxProbe> TryAsync(
        CodexBinary codex, IReadOnlyDictionary<string, string> variables, IProcessTable processes, TimeProvider time, CancellationToken cancellation = default)
    {
        if (OperatingSystem.IsWindows())
            return new Untold("is not tried on Windows");
        if (codex.GivenPath == OwnProgram.Running().Path || codex.GivenPath == OwnProgram.Running().EntryFile)
            return new Untold("the simulated codex has none");
        var environment = AppServerEnvironment.Build(variables, $"sandbox-{Guid.NewGuid():N}", codex.Package); // A mark of its own: nobody ends it with anything else.
        var start = new ChildStart(codex.Path, [.. codex.LeadingArguments, .. TryIt], environment, "/");
        return await ProgramProbe.RunAsync(start, processes, Limit, time, cancellation) switch
        {
            ProgramEnd.Ended { Exit.Code: 0 } => new Works(),
            ProgramEnd.Ended { Exit.Code: UsageExitCode } => new Untold("this codex has no command to try it"),
            ProgramEnd.Ended ended => new Refused(LastWords(ended), $"{codex.GivenPath} {string.Join(' ', TryIt)} {ended.Exit.Description}"),
            ProgramEnd.Late => new Untold($"codex did not try it within {Limit.TotalSeconds:0} s"),
            _ => new Untold("codex does not start"),
        };
    }

    // Warnings come first; what went wrong stands in the last line that says anything.
    private static string LastWords(ProgramEnd.Ended ended) => Plain.OneLine(
        ended.Errors.Split('\n', StringSplitOptions.TrimEntries).LastOrDefault(line =>
            line.Length > 0 && !line.StartsWith("WARNING", StringComparison.Ordinal) && !line.StartsWith("note:", StringComparison.Ordinal))
        ?? $"codex {ended.Exit.Description} and did not say why");
}
