using System.Text.Json.Nodes;
using CodexCompanion.EndToEnd.Tests.Simulated;

namespace CodexCompanion.EndToEnd.Tests.Chaos;

/// <summary>One task of a chaos run, and what came of it.</summary>
/// <param name="Effect">The line its edit adds.</param>
/// <param name="Writes">Whether it makes one.</param>
/// <param name="Completed">Whether it ended with its answer.</param>
/// <param name="Problem">What is wrong with how it ended; null when it completed, or was lost and says so.</param>
internal sealed record ChaosTask(string Effect, bool Writes, bool Completed, string? Problem)
{
    private const int Lost = 7;

    public static async Task<ChaosTask> RunAsync(SimulatedUser user, string mark, bool writes, int thinkMilliseconds)
    {
        var effect = "effect-" + mark;
        var answer = $"Done: {mark}.";
        var prompt = $"sim: think {thinkMilliseconds}ms\n" + (writes ? $"sim: edit {effect} {mark}.txt\n" : "") + $"sim: think {thinkMilliseconds / 2}ms\nsim: reply \"{answer}\"";
        await using var program = user.Start(["task", "--json", .. writes ? (string[])["--write"] : [], prompt]);
        var run = await program.EndAsync();
        var said = Parse(run.Output);
        var job = said is null ? null : SimulatedUser.Text(said, "jobId");
        var record = job is null ? null : JobStatus(user, job);
        var completed = run.ExitCode == 0;
        var problem = said is null ? $"it printed no single object:\n{run}"
            : completed && SimulatedUser.Text(said, "rawOutput") != answer ? $"it has another one's answer:\n{run}"
            : completed && record != "completed" ? $"it is done and recorded as {record}:\n{run}"
            : !completed && run.ExitCode != Lost ? $"it ended in a way nothing explains:\n{run}"
            : !completed && record != "failed" ? $"it is lost and recorded as {record}:\n{run}"
            : null;
        return new ChaosTask(effect, writes, completed, problem);
    }

    private static string? JobStatus(SimulatedUser user, string job) =>
        Directory.EnumerateFiles(user.Home.State, job + ".json", SearchOption.AllDirectories).SingleOrDefault() is { } file
            ? Parse(File.ReadAllText(file)) is { } record ? SimulatedUser.Text(record, "status") : null
            : null;

    private static JsonObject? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text)?.AsObject();
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or InvalidOperationException)
        {
            return null; // Not one object: that is the finding.
        }
    }
}
