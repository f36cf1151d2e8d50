using System.Text.Json;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Turns;

namespace CodexCompanion.Pipeline.AppServer;

/// <summary>
/// The params of the app-server's methods. Only what is set is sent: an older server refuses or ignores what it does not know, a newer
/// one fills in its own defaults.
/// </summary>
public static class AppServerCalls
{
    // How the server attributes what is done here.
    private const string ServiceName = "codex-companion";

    /// <summary>Params of <c>thread/start</c>.</summary>
    public static ReadOnlyMemory<byte> ThreadStart(TurnRequest request, ThreadConfig config) => RpcJson.WriteObject(w =>
    {
        WriteThread(w, request, config);
        w.WriteString("serviceName"u8, ServiceName);
        if (request.Ephemeral)
            w.WriteBoolean("ephemeral"u8, value: true);
    });

    /// <summary>Params of <c>thread/resume</c>. The thread's past is not asked for: it may be long.</summary>
    public static ReadOnlyMemory<byte> ThreadResume(string threadId, TurnRequest request, ThreadConfig config) => RpcJson.WriteObject(w =>
    {
        w.WriteString("threadId"u8, threadId);
        WriteThread(w, request, config);
        w.WriteBoolean("excludeTurns"u8, value: true);
    });

    /// <summary>Params of <c>turn/start</c>.</summary>
    /// <param name="threadId">The thread.</param>
    /// <param name="request">What to run.</param>
    /// <param name="sandboxPolicy">The policy to send; undefined for the thread's own.</param>
    public static ReadOnlyMemory<byte> TurnStart(string threadId, TurnRequest request, JsonElement sandboxPolicy) => RpcJson.WriteObject(w =>
    {
        w.WriteString("threadId"u8, threadId);
        w.WriteString("clientUserMessageId"u8, request.ClientMessageId);
        w.WriteStartArray("input"u8);
        w.WriteStartObject();
        w.WriteString("type"u8, "text"u8);
        w.WriteString("text"u8, request.Prompt);
        w.WriteStartArray("text_elements"u8);
        w.WriteEndArray();
        w.WriteEndObject();
        w.WriteEndArray();
        w.WriteString("cwd"u8, request.Cwd);
        WriteOptional(w, "model"u8, request.Model);
        WriteOptional(w, "effort"u8, request.Effort);
        WriteElement(w, "sandboxPolicy"u8, sandboxPolicy);
        WriteElement(w, "outputSchema"u8, request.OutputSchema ?? default);
    });

    /// <summary>Params of <c>review/start</c>. The review runs in the thread itself: newer servers know nothing else.</summary>
    public static ReadOnlyMemory<byte> ReviewStart(string threadId, NativeReview review) => RpcJson.WriteObject(w =>
    {
        w.WriteString("threadId"u8, threadId);
        w.WriteStartObject("target"u8);
        switch (review)
        {
            case NativeReview.BaseBranch branch:
                w.WriteString("type"u8, "baseBranch"u8);
                w.WriteString("branch"u8, branch.Branch);
                break;
            case NativeReview.Commit commit:
                w.WriteString("type"u8, "commit"u8);
                w.WriteString("sha"u8, commit.Sha);
                w.WriteString("title"u8, commit.Title);
                break;
            default:
                w.WriteString("type"u8, "uncommittedChanges"u8);
                break;
        }

        w.WriteEndObject();
    });

    /// <summary>Params of <c>model/list</c>; models that are not offered to everybody included.</summary>
    public static ReadOnlyMemory<byte> ModelList(string? cursor) => RpcJson.WriteObject(w =>
    {
        w.WriteBoolean("includeHidden"u8, value: true);
        WriteOptional(w, "cursor"u8, cursor);
    });

    /// <summary>Params of <c>account/read</c>. Nothing is refreshed: a look must not change a login. Old servers require the member.</summary>
    public static ReadOnlyMemory<byte> AccountRead() => RpcJson.WriteObject(w => w.WriteBoolean("refreshToken"u8, value: false));

    /// <summary>Params of <c>externalAgentConfig/import</c> for one session.</summary>
    /// <param name="transcript">Path of its transcript.</param>
    /// <param name="cwd">Directory the session worked in.</param>
    public static ReadOnlyMemory<byte> ImportSession(string transcript, string cwd) => RpcJson.WriteObject(w =>
    {
        w.WriteStartArray("migrationItems"u8);
        w.WriteStartObject();
        w.WriteString("itemType"u8, "SESSIONS"u8);
        w.WriteString("description"u8, "Transfer one session"u8);
        w.WriteNull("cwd"u8);
        w.WriteStartObject("details"u8);
        foreach (var none in (ReadOnlySpan<string>)["plugins", "skills", "mcpServers", "hooks", "subagents", "commands"])
        {
            w.WriteStartArray(none);
            w.WriteEndArray();
        }

        w.WriteStartArray("sessions"u8);
        w.WriteStartObject();
        w.WriteString("path"u8, transcript);
        w.WriteString("cwd"u8, cwd);
        w.WriteNull("title"u8);
        w.WriteEndObject();
        w.WriteEndArray();
        w.WriteEndObject();
        w.WriteEndObject();
        w.WriteEndArray();
    });

    /// <summary>Params of <c>turn/interrupt</c>.</summary>
    public static ReadOnlyMemory<byte> TurnInterrupt(string threadId, string turnId) => RpcJson.WriteObject(w =>
    {
        w.WriteString("threadId"u8, threadId);
        w.WriteString("turnId"u8, turnId);
    });

    /// <summary>Params of the methods that need a thread and nothing else: archive, unarchive, delete, clean.</summary>
    public static ReadOnlyMemory<byte> Thread(string threadId) =>
        RpcJson.WriteObject(w => w.WriteString("threadId"u8, threadId));

    /// <summary>Params of <c>thread/read</c>.</summary>
    public static ReadOnlyMemory<byte> ThreadRead(string threadId, bool includeTurns) => RpcJson.WriteObject(w =>
    {
        w.WriteString("threadId"u8, threadId);
        w.WriteBoolean("includeTurns"u8, includeTurns);
    });

    /// <summary>Params of <c>thread/name/set</c>.</summary>
    public static ReadOnlyMemory<byte> ThreadNameSet(string threadId, string name) => RpcJson.WriteObject(w =>
    {
        w.WriteString("threadId"u8, threadId);
        w.WriteString("name"u8, name);
    });

    /// <summary>Params of <c>config/read</c> for a directory. Old servers require <c>includeLayers</c>.</summary>
    public static ReadOnlyMemory<byte> ConfigRead(string cwd) => RpcJson.WriteObject(w =>
    {
        w.WriteBoolean("includeLayers"u8, value: false);
        w.WriteString("cwd"u8, cwd);
    });

    private static void WriteThread(Utf8JsonWriter w, TurnRequest request, ThreadConfig config)
    {
        w.WriteString("cwd"u8, request.Cwd);
        WriteOptional(w, "model"u8, request.Model);

        // Nobody is there to approve anything; the sandbox is what limits the turn. Where an administrator forbids "never" the server
        // puts its own in place (measured), and the policy for server requests declines what it asks.
        w.WriteString("approvalPolicy"u8, "never"u8);
        w.WriteString("sandbox"u8, SandboxPolicies.Mode(request.Sandbox));
        w.WritePropertyName("config"u8);
        config.Write(w);
    }

    private static void WriteOptional(Utf8JsonWriter w, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
            w.WriteString(name, value);
    }

    private static void WriteElement(Utf8JsonWriter w, ReadOnlySpan<byte> name, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Undefined)
            return;
        w.WritePropertyName(name);
        value.WriteTo(w);
    }
}
