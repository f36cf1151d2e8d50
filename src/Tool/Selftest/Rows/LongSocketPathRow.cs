using CodexCompanion.Pipeline;
using CodexCompanion.Pipeline.Steps;

namespace CodexCompanion.Tool.Selftest.Rows;

/// <summary>No folder is short enough for a broker's socket: tasks run on app-servers of their own.</summary>
internal sealed class LongSocketPathRow : Row
{
    // Longer than any system allows for a socket, and allowed everywhere for the name of a folder.
    private const int NameLength = 150;

    public override string Name => "long-socket-path";

    public override string Description => "TMPDIR is so long that no socket fits below it; tasks go direct.";

    public override string? WhyNotHere => OperatingSystem.IsWindows() ? "Pipes have no path." : null;

    public override void Arrange(Sandbox sandbox)
    {
        var folder = Path.Combine(sandbox.Temp, new string('t', NameLength));
        Directory.CreateDirectory(folder);
        sandbox.Variables["TMPDIR"] = folder;
    }

    public override int CountFaults(RowEvidence evidence)
    {
        var sentence = new Fallback(FallbackReason.SocketPathTooLong).Sentence;
        return evidence.Runs.Count(r => r.HasVerdict(FallbackDirectStep.StepName, "direct") && r.ErrorOutput.Contains(sentence, StringComparison.Ordinal));
    }
}
