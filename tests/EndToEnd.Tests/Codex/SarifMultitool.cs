using System.Text.Json.Nodes;
using CodexCompanion.EndToEnd.Tests.Harness;

namespace CodexCompanion.EndToEnd.Tests.Codex;

/// <summary>Microsoft's validator of SARIF, from npm, in the <see cref="InstallCache"/>.</summary>
internal static class SarifMultitool
{
    private const string Name = "sarif-multitool";

    /// <summary>Why it cannot be used here; null when it can.</summary>
    public static string? SkipReason =>
        Availability.SkipReason
        ?? (Environment.GetEnvironmentVariable("CI") is "true" || InstallCache.Names.Contains(Name, StringComparer.Ordinal) || Npm.NewestCodexAsync().GetAwaiter().GetResult() is not null
            ? null
            : "npm cannot be reached, so there is no validator of SARIF");

    /// <summary>The errors it finds in a log, a sentence each.</summary>
    /// <param name="log">The log.</param>
    /// <param name="folder">A folder to work in.</param>
    public static async Task<IReadOnlyList<string>> ErrorsOfAsync(string log, string folder)
    {
        var installed = await InstallCache.FolderAsync(Name, fresh => Npm.InstallAsync("@microsoft/sarif-multitool", fresh, InstallCache.Limit));
        var program = Path.Combine(installed, "node_modules", "@microsoft", "sarif-multitool-linux", "Sarif.Multitool");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(program, File.GetUnixFileMode(program) | UnixFileMode.UserExecute); // its install script would have, and scripts are not run
        var input = Path.Combine(folder, $"{Guid.NewGuid():N}.sarif");
        await File.WriteAllTextAsync(input, log);
        var report = input + ".report";
        await using var validator = RunningProgram.Start(program, ["validate", input, "--output", report], Npm.Environ(), folder);
        var run = await validator.EndAsync();
        Assert.True(run.ExitCode == 0, run.ToString());
        var results = JsonNode.Parse(await File.ReadAllTextAsync(report))!["runs"]![0]!["results"]!.AsArray();
        return [.. results.Where(result => result!["level"]?.GetValue<string>() is "error").Select(result => result!.ToJsonString())];
    }
}

/// <summary>As <see cref="RealCodexFactAttribute"/>, and needs the validator of SARIF.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SarifFactAttribute : FactAttribute
{
    public override string? Skip { get => SarifMultitool.SkipReason; set => base.Skip = value; }
}
