using System.Text.Json;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Turns;

namespace CodexCompanion.Pipeline.AppServer;

/// <summary>
/// Says no to everything that would widen what a turn may do, and gives every other request an answer its method allows. The shapes
/// are those of the protocol's generated types, valid for 0.142 and 0.169 alike.
/// </summary>
/// <param name="time">The clock that <c>currentTime/read</c> is answered from.</param>
/// <param name="rules">What the user allows beforehand; null for nothing.</param>
public sealed class ServerRequestPolicy(TimeProvider time, ServerRequestRules? rules = null) : IServerRequestPolicy
{
    private const string NoOne = "nobody is there to ask";
    private const string Allowed = "the configuration allows it";

    private readonly ServerRequestRules _rules = rules ?? new ServerRequestRules();

    private static readonly ReadOnlyMemory<byte> Accept = """{"decision":"accept"}"""u8.ToArray();
    private static readonly ReadOnlyMemory<byte> Approved = """{"decision":"approved"}"""u8.ToArray();
    private static readonly ReadOnlyMemory<byte> Decline = """{"decision":"decline"}"""u8.ToArray();

    // The older approvals: the word for "denied" differs between versions, "timed_out" is a refusal in all that have it and lets the turn go on.
    private static readonly ReadOnlyMemory<byte> TimedOut = """{"decision":"timed_out"}"""u8.ToArray();
    private static readonly ReadOnlyMemory<byte> GrantNothing = """{"permissions":{},"scope":"turn"}"""u8.ToArray();
    private static readonly ReadOnlyMemory<byte> NoAnswers = """{"answers":{}}"""u8.ToArray();
    private static readonly ReadOnlyMemory<byte> DeclineElicitation = """{"action":"decline","content":null,"_meta":null}"""u8.ToArray();
    private static readonly ReadOnlyMemory<byte> CancelElicitation = """{"action":"cancel","content":null,"_meta":null}"""u8.ToArray();

    private static readonly ReadOnlyMemory<byte> ToolFailed =
        """{"contentItems":[{"type":"inputText","text":"This client offers no such tool."}],"success":false}"""u8.ToArray();

    /// <inheritdoc/>
    public ServerRequestAnswer Answer(RpcMessage request)
    {
        var asked = request.ReadParams();
        return request.Method switch
        {
            "item/commandExecution/requestApproval" when _rules.ApproveCommands =>
                Result(Accept, $"Approved a command{About(asked, "command")}: {Allowed}."),
            "item/fileChange/requestApproval" when _rules.ApproveFileChanges =>
                Result(Accept, $"Approved a file change{About(asked, "reason")}: {Allowed}."),
            "item/permissions/requestApproval" when _rules.GrantPermissions && asked.Member("permissions") is { ValueKind: JsonValueKind.Object } wanted =>
                Result(Grant(wanted), $"Granted further permissions{About(asked, "reason")}: {Allowed}."),
            "execCommandApproval" when _rules.ApproveCommands => Result(Approved, $"Approved a command: {Allowed}."),
            "applyPatchApproval" when _rules.ApproveFileChanges => Result(Approved, $"Approved a patch: {Allowed}."),
            "mcpServer/elicitation/request" when _rules.DeclineElicitations =>
                Result(DeclineElicitation, $"Declined a question of an MCP server{About(asked, "serverName")}: the configuration says so."),
            "item/commandExecution/requestApproval" => Result(Decline, $"Declined to approve a command{About(asked, "command")}: {NoOne}."),
            "item/fileChange/requestApproval" => Result(Decline, $"Declined to approve a file change{About(asked, "reason")}: {NoOne}."),
            "item/permissions/requestApproval" => Result(GrantNothing, $"Granted no further permissions{About(asked, "reason")}: {NoOne}."),
            "item/tool/requestUserInput" => Result(NoAnswers, $"Left a question of the model unanswered: {NoOne}."),
            "item/tool/call" => Result(ToolFailed, $"Refused a tool call{About(asked, "tool")}: this client offers no tools."),
            "mcpServer/elicitation/request" => Result(CancelElicitation, $"Cancelled a question of an MCP server{About(asked, "serverName")}: {NoOne}."),
            "currentTime/read" => Result(Now(), "Told the server the time."),
            "execCommandApproval" => Result(TimedOut, $"Declined to approve a command: {NoOne}."),
            "applyPatchApproval" => Result(TimedOut, $"Declined to approve a patch: {NoOne}."),
            "account/chatgptAuthTokens/refresh" => Fail(RpcError.InvalidRequest, "This client holds no ChatGPT tokens; log in with `codex login`."),
            "attestation/generate" => Fail(RpcError.InvalidRequest, "This client cannot attest anything."),
            _ => Fail(RpcError.MethodNotFound, $"This client does not know '{request.Method}'."),
        };

        ServerRequestAnswer Fail(int code, string message) =>
            new(default, new RpcError(code, message), $"Answered '{request.Method}' with an error: {message}");
    }

    private static ServerRequestAnswer Result(ReadOnlyMemory<byte> result, string sentence) => new(result, Error: null, sentence);

    private static string About(JsonElement asked, string member) =>
        asked.Text(member) is { Length: > 0 } text ? $" ({ProgressText.OneLine(text)})" : "";

    // For this turn only, whatever was asked for.
    private static ReadOnlyMemory<byte> Grant(JsonElement wanted) => RpcJson.WriteObject(w =>
    {
        w.WritePropertyName("permissions"u8);
        wanted.WriteTo(w);
        w.WriteString("scope"u8, "turn"u8);
    });

    private ReadOnlyMemory<byte> Now()
    {
        var seconds = time.GetUtcNow().ToUnixTimeSeconds();
        return RpcJson.WriteObject(w => w.WriteNumber("currentTimeAt"u8, seconds));
    }
}
