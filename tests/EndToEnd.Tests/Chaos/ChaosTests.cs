using System.Diagnostics;
using System.Globalization;
using CodexCompanion.EndToEnd.Tests.Harness;
using CodexCompanion.EndToEnd.Tests.Tool;
using Xunit.Abstractions;

namespace CodexCompanion.EndToEnd.Tests.Chaos;

/// <summary>
/// For a while several people run tasks, reading and writing, while everything below them is killed, deleted and damaged at random. Whatever happens: each
/// task ends in one way, no edit is made twice, nothing is left running.
/// </summary>
/// <remarks>
/// <c>CODEX_COMPANION_CHAOS_SECONDS</c> makes it longer, <c>CODEX_COMPANION_CHAOS_SEED</c> repeats a run's choices (not its timing), and
/// <c>CODEX_COMPANION_CHAOS_CODEX</c> has it run with the real codex of that version (<c>newest</c>, <c>0.142.2</c>) instead of the simulated app-server.
/// </remarks>
public sealed class ChaosTests(ITestOutputHelper output)
{
    private const int People = 3;
    private const double DefaultSeconds = 15;

    // A kill that meets no turn shows nothing: so many turns must be hit in the default time, and more in a longer one. A loaded machine gets
    // up to four times as long for it; an idle one hits some ten.
    private const double LeastHitsPerSecond = 0.4;
    private const int Patience = 4;

    [LinuxFact]
    public async Task Whatever_is_killed_each_task_ends_once_and_no_edit_is_made_twice()
    {
        var seed = Number("CODEX_COMPANION_CHAOS_SEED") is { } given ? (int)given : Random.Shared.Next(1_000_000);
        var span = TimeSpan.FromSeconds(Number("CODEX_COMPANION_CHAOS_SECONDS") ?? DefaultSeconds);
        var version = Environment.GetEnvironmentVariable("CODEX_COMPANION_CHAOS_CODEX") is { Length: > 0 } named ? named : null;
        output.WriteLine($"seed {seed}, {span.TotalSeconds:0} s, {(version is null ? "simulated app-server" : "codex " + version)}");
        await using IChaosGround ground = version is null ? new SimulatedGround() : new RealGround(await ToolUser.StartAsync(version, output));
        var clock = Stopwatch.StartNew();
        var leastHits = (int)(span.TotalSeconds * LeastHitsPerSecond);
        bool GoesOn() => clock.Elapsed < span || (clock.Elapsed < span * Patience && ground.TurnsCutShort() < leastHits + People); // Those that run count, too.
        var people = Enumerable.Range(1, People).Select(n => Task.Run(() => WorkAsync(ground, n, new Random(seed + n), GoesOn))).ToList();
        var monkey = new Monkey(ground, new Random(seed), output);
        await monkey.RageAsync(GoesOn);
        var tasks = (await Task.WhenAll(people)).SelectMany(t => t).ToList();

        // A broker killed while its record was torn leaves a socket nobody can name any more: doctor's business.
        await ground.RunAsync("broker", "stop");
        output.WriteLine((await ground.RunAsync("doctor")).ToString());

        var hits = ground.TurnsCutShort();
        output.WriteLine($"{tasks.Count} tasks: {tasks.Count(t => t.Completed)} completed, {tasks.Count(t => !t.Completed)} lost; {monkey.Strikes} strikes, {hits} turns hit");
        Assert.All(tasks, task =>
        {
            Assert.True(task.Problem is null, task.Problem);
            var made = ground.EditsMade(task.Mark);
            Assert.True(made <= 1, $"the edit of {task.Mark} was made {made} times");
            Assert.True(!task.Completed || made == (task.Writes ? 1 : 0), $"{task.Mark} is called done and its edit was made {made} times");
        });

        // A turn whose recovery is killed as well is lost, and says so; that stays the exception.
        Assert.True(tasks.Count(t => t.Completed) >= tasks.Count * 2 / 3, "too many tasks were lost");
        Assert.True(hits >= leastHits, $"Only {hits} kills hit a running turn: nothing was shown.");
    }

    private static async Task<List<ChaosTask>> WorkAsync(IChaosGround ground, int person, Random random, Func<bool> goesOn)
    {
        var done = new List<ChaosTask>();
        for (var n = 1; goesOn(); n++)
            done.Add(await ChaosTask.RunAsync(ground, $"p{person}-{n:000}", writes: random.Next(2) == 0, thinkMilliseconds: random.Next(100, 900)));
        return done;
    }

    internal static double? Number(string variable) =>
        double.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}
