using System.Text.Json.Nodes;
using CodexCompanion.EndToEnd.Tests.Harness;

namespace CodexCompanion.EndToEnd.Tests.Tool;

/// <summary>The object <c>task --json</c> prints when it is done.</summary>
internal sealed record TaskResult(string ThreadId, string JobId, string RawOutput, JsonObject All, ProgramRun Run)
{
    public static TaskResult Of(ProgramRun run)
    {
        Assert.True(run.ExitCode == 0, run.ToString());
        var all = JsonNode.Parse(run.Output)!.AsObject();
        return new TaskResult(all["threadId"]!.GetValue<string>(), all["jobId"]!.GetValue<string>(), all["rawOutput"]!.GetValue<string>(), all, run);
    }
}

/// <summary>What <c>broker status --json</c> says about a running broker.</summary>
internal sealed record BrokerStatus(string InstanceId, int Pid, int AppServerPid, string State)
{
    public static BrokerStatus Of(ProgramRun run)
    {
        Assert.True(run.ExitCode == 0, run.ToString());
        var broker = JsonNode.Parse(run.Output)!["broker"];
        Assert.True(broker is not null, run.ToString());
        return new BrokerStatus(broker["instanceId"]!.GetValue<string>(), broker["pid"]!.GetValue<int>(), broker["appServer"]!["pid"]!.GetValue<int>(), broker["state"]!.GetValue<string>());
    }
}

/// <summary>The object every command prints with <c>--json</c> when it fails.</summary>
internal sealed record ToolError(string Code, string Message)
{
    public static ToolError Of(ProgramRun run)
    {
        var error = JsonNode.Parse(run.Output)!["error"] ?? throw new InvalidOperationException($"no error object:\n{run}");
        return new ToolError(error["code"]!.GetValue<string>(), error["message"]!.GetValue<string>());
    }
}
