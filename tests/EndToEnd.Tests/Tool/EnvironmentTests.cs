using CodexCompanion.EndToEnd.Tests.Codex;
using Xunit.Abstractions;

namespace CodexCompanion.EndToEnd.Tests.Tool;

/// <summary>What commands of a turn see of the environment of who asked for it.</summary>
public sealed class EnvironmentTests(ITestOutputHelper output) : ToolTests(output)
{
    // A table's name may be written with escapes, which only codex reads: to the tool this policy comes as a surprise.
    [RealCodexTheory, BothVersionsWith("shell_environment_policy", "\"shell_environment\\u005fpolicy\"")]
    public async Task The_users_policy_holds_and_a_task_leaves_one_thread(string version, string table)
    {
        var user = await UseAsync(version, new(StringComparer.Ordinal) { ["HIDDEN_WORD"] = "hidden", ["SEEN_WORD"] = "seen" });
        await File.AppendAllTextAsync(Path.Combine(user.Home.CodexHome, "config.toml"), $"[{table}]\nexclude = [\"HIDDEN*\"]\n");

        var first = await user.TaskAsync([.. user.WriteOptions, "stub: shell echo $HIDDEN_WORD,$SEEN_WORD > words.txt"]);
        var second = await user.TaskAsync("and another");

        Assert.Equal(",seen\n", await File.ReadAllTextAsync(Path.Combine(user.Home.Workspace, "words.txt")));
        var rollouts = Directory.GetFiles(Path.Combine(user.Home.CodexHome, "sessions"), "*.jsonl", SearchOption.AllDirectories);
        Assert.Equal(2, rollouts.Length);
        Assert.All([first, second], task => Assert.Contains(rollouts, path => path.Contains(task.ThreadId, StringComparison.Ordinal)));
        Assert.Equal("You said: and a third", (await user.TaskAsync("--thread", second.ThreadId, "and a third")).RawOutput);
    }
}
