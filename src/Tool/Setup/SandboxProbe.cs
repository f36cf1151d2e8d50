using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Processes;
using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.Tool.Setup;

/// <summary>Whether Codex's sandbox works on this machine.</summary>
/// <param name="Available">Whether it does; null when that cannot be told.</param>
/// <param name="Detail">One sentence.</param>
internal sealed record SandboxProbe(bool? Available, string Detail)
{
    // 20 ms where it works; a machine that takes longer than this has another problem.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(3);

    // What command lines end with that do not know a command.
    private const int UsageError = 2;

    /// <summary>Runs a command that does nothing in it.</summary>
    public static async Task<SandboxProbe> TryAsync(
        CodexBinary codex, IReadOnlyDictionary<string, string> variables, string cwd, IProcessTable processes, TimeProvider time)
    {
        if (OperatingSystem.IsWindows())
            return new SandboxProbe(Available: null, "not tried on Windows");
        var start = new ChildStart(codex.Path, [.. codex.LeadingArguments, "sandbox", "--", "true"], variables, cwd);
        var (exitCode, _, errors) = await ProgramProbe.RunAsync(start, processes, Limit, time);
        return exitCode switch
        {
            0 => new SandboxProbe(Available: true, "commands run in Codex's sandbox"),
            UsageError => new SandboxProbe(Available: null, "this codex has no command to try it with"),
            null => new SandboxProbe(Available: null, $"`codex sandbox` did not end within {Limit.TotalSeconds:0} s"),
            _ => new SandboxProbe(Available: false, $"Codex's sandbox does not work here: {Complaint(errors)}"),
        };
    }

    // Warnings come first; what went wrong stands in the last line that says anything.
    private static string Complaint(string errors) =>
        errors.Split('\n').Select(line => line.Trim()).LastOrDefault(line => line.Length > 0 && !line.StartsWith("WARNING", StringComparison.Ordinal) && !line.StartsWith("note:", StringComparison.Ordinal))
        ?? "it did not say why";
}
