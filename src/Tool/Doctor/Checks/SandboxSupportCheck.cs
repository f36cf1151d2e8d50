using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Processes;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Doctor.Checks;

/// <summary>Whether codex's sandbox works on this system, tried with a command that does nothing. Where it does not, every command of a
/// task fails.</summary>
internal sealed class SandboxSupportCheck : IDoctorCheck
{
    // How clap, codex's argument parser, says that it does not know a command or an option.
    private const int UsageExitCode = 2;
    private const int MostErrorBytes = 64 * 1024;

    /// <inheritdoc/>
    public string Id => "sandbox-support";

    /// <inheritdoc/>
    public CheckCategory Category => CheckCategory.Codex;

    /// <inheritdoc/>
    public CheckScope Scope => CheckScope.User;

    /// <inheritdoc/>
    public string About => "codex's sandbox works on this system";

    /// <inheritdoc/>
    public bool StartsPrograms => true;

    /// <inheritdoc/>
    public async Task<Inspection> InspectAsync(DoctorPlace place, CancellationToken cancellation)
    {
        if (OperatingSystem.IsWindows())
            return Inspection.Skipped("is not tried on Windows");
        if (CodexProbe.Find(place) is not CodexLookup.Found { Codex: var codex })
            return Inspection.Skipped("there is no codex");
        if (codex.GivenPath == OwnProgram.Running().Path || codex.GivenPath == OwnProgram.Running().EntryFile)
            return Inspection.Skipped("the simulated codex has none");

        var environment = AppServerEnvironment.Build(place.Site.Host.Variables, CodexProbe.NewMark(), codex.Package);
        var start = new ChildStart(codex.Path, [.. codex.LeadingArguments, "sandbox", "--", "true"], environment, "/");
        if (ChildProcess.Start(start, place.Site.Processes) is not ChildStartResult.Started { Child: var child })
            return Inspection.Skipped("codex does not start");
        using (child)
            return await JudgeAsync(child, codex, cancellation);
    }

    private static async Task<Inspection> JudgeAsync(ChildProcess child, CodexBinary codex, CancellationToken cancellation)
    {
        child.EndInput();
        var said = ReadAsync(child.ErrorOutput);
        var output = ReadAsync(child.Output);
        try
        {
            var exit = await child.Exited.WaitAsync(CodexProbe.Limit, cancellation);
            if (exit.Code == 0)
                return Inspection.Ok("works");
            if (exit.Code == UsageExitCode)
                return Inspection.Skipped("this codex has no command to try it");
            await output;
            var last = (await said).Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? exit.Description;
            return Inspection.Of("", [new Finding("refused", "sandbox", $"codex's sandbox does not work here: {Plain.OneLine(last)}", Remedy.Manual(
                "let users make namespaces, or, where the machine itself is the sandbox, run tasks with --sandbox danger-full-access", "sudo sysctl -w kernel.unprivileged_userns_clone=1"))
            {
                Severity = Severity.Warning,
                Evidence = [$"{codex.GivenPath} sandbox -- true {exit.Description}"],
            }], _ => "");
        }
        catch (TimeoutException)
        {
            return Inspection.Skipped($"codex did not try it within {CodexProbe.Limit.TotalSeconds:0} s");
        }
        finally
        {
            child.Kill(); // Does nothing to one that has ended.
        }
    }

    private static async Task<string> ReadAsync(Stream stream)
    {
        try
        {
            var bytes = new byte[MostErrorBytes];
            var length = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false);
            return System.Text.Encoding.UTF8.GetString(bytes, 0, length);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return ""; // It ended, or was ended.
        }
    }
}
