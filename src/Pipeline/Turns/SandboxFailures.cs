using System.Text.Json;
using CodexCompanion.Pipeline.Rpc;

namespace CodexCompanion.Pipeline.Turns;

/// <summary>
/// Sees that the sandbox itself does not work: then every command fails before it starts, with the sandbox's complaint for an output,
/// and the turn still completes (measured with namespaces forbidden). A command the working sandbox merely forbids leaves no item at all.
/// </summary>
internal sealed class SandboxFailures
{
    // How the programs complain that make the sandbox: bubblewrap and Landlock on Linux, Seatbelt on macOS.
    private static readonly string[] Complaints = ["bwrap: ", "codex-linux-sandbox: ", "sandbox-exec: ", "Sandbox(Landlock"];

    private int _commands;
    private int _failed;
    private string? _complaint;

    /// <summary>What to tell when no command could run; null otherwise.</summary>
    public string? Sentence => _failed > 0 && _failed == _commands
        ? $"Codex's sandbox does not work here, so none of the turn's commands could run: {_complaint}"
        : null;

    public void Look(JsonElement command)
    {
        _commands++;
        var output = command.Text("aggregatedOutput") ?? "";
        if (command.Text("status") != "failed" || !Array.Exists(Complaints, c => output.StartsWith(c, StringComparison.Ordinal)))
            return;
        _failed++;
        _complaint ??= ProgressText.OneLine(output);
    }
}
