using CodexCompanion.EndToEnd.Tests.Harness;
using CodexCompanion.EndToEnd.Tests.Simulated;

namespace CodexCompanion.EndToEnd.Tests.Chaos;

/// <summary>One task of a chaos run, and what came of it.</summary>
/// <param name="Mark">Its name, which its edit carries, too.</param>
/// <param name="Writes">Whether it makes one.</param>
/// <param name="Completed">Whether it ended with its answer.</param>
/// <param name="Problem">What is wrong with how it ended; null when it completed, or was lost and says so.</param>
internal sealed record ChaosTask(string Mark, bool Writes, bool Completed, string? Problem)
{
    private const int Lost = 7;

    public static async Task<ChaosTask> RunAsync(IChaosGround ground, string mark, bool writes, int thinkMilliseconds)
    {
        var answer = $"Done: {mark}.";
        await using var program = ground.Start(["task", "--json", .. writes ? ground.WriteOptions : [], ground.Prompt(mark, writes, thinkMilliseconds, answer)]);
        var run = await program.EndAsync();
        var said = PrivateHome.TryParse(run.Output);
        var job = said is null ? null : SimulatedUser.Text(said, "jobId");
        var record = job is null ? null : JobStatus(ground.Home, job);
        var completed = run.ExitCode == 0;
        var problem = said is null ? $"it printed no single object:\n{run}"
            : completed && SimulatedUser.Text(said, "rawOutput") != answer ? $"it has another one's answer:\n{run}"
            : completed && record != "completed" ? $"it is done and recorded as {record}:\n{run}"
            : !completed && run.ExitCode != Lost ? $"it ended in a way nothing explains:\n{run}"
            : !completed && record != "failed" ? $"it is lost and recorded as {record}:\n{run}"
            : null;
        return new ChaosTask(mark, writes, completed, problem);
    }

    private static string? JobStatus(PrivateHome home, string job) =>
        Directory.EnumerateFiles(home.State, job + ".json", SearchOption.AllDirectories).SingleOrDefault() is { } file
            && PrivateHome.TryParse(File.ReadAllText(file)) is { } record ? SimulatedUser.Text(record, "status") : null;
}
