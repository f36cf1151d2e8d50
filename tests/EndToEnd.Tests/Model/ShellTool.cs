using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CodexCompanion.EndToEnd.Tests.Model;

/// <summary>
/// The tool by which a model runs commands. Its name and parameters changed over the versions of codex, so they are taken from the
/// request: <c>exec_command</c> (0.142 and 0.169 for a model they do not know), <c>shell_command</c> or <c>shell</c>.
/// </summary>
internal sealed partial record ShellTool(string Name)
{
    // The longest time codex waits before it hands a running command back to the model (measured: larger values are cut to it).
    private const int YieldMs = 30_000;

    public static ShellTool? Find(JsonElement request)
    {
        var offered = request.GetProperty("tools").EnumerateArray().Where(tool => tool.TryGetProperty("name", out _)).Select(tool => tool.GetProperty("name").GetString()).ToList();
        var name = Array.Find(["exec_command", "shell_command", "shell"], offered.Contains);
        return name is null ? null : new ShellTool(name);
    }

    /// <summary>The arguments of a call that runs <paramref name="command"/>.</summary>
    public string Arguments(string command) => (Name switch
    {
        "exec_command" => new JsonObject { ["cmd"] = command, ["yield_time_ms"] = YieldMs },
        "shell_command" => new JsonObject { ["command"] = command },
        _ => new JsonObject { ["command"] = new JsonArray("bash", "-lc", command) },
    }).ToJsonString();

    /// <summary>The call that waits for a command which codex handed back while it was still running.</summary>
    public static (string Name, string Arguments) Wait(int session) =>
        ("write_stdin", new JsonObject { ["session_id"] = session, ["chars"] = "", ["yield_time_ms"] = YieldMs }.ToJsonString());

    /// <summary>The session of a command that is still running according to a tool's output.</summary>
    public static int? RunningSession(string output)
    {
        var match = StillRunning().Match(output);
        return match.Success ? int.Parse(match.Groups["id"].Value, CultureInfo.InvariantCulture) : null;
    }

    [GeneratedRegex(@"Process running with session ID (?<id>\d+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex StillRunning();
}
