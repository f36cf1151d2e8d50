using System.Text.Json;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Turns;

namespace CodexCompanion.Pipeline.AppServer;

/// <summary>
/// The two ways the protocol speaks of a sandbox: a mode, with the thread, and a policy, with the turn. The server makes the policy from
/// the mode and the user's <c>[sandbox_workspace_write]</c>, and says which in its answer; sending that one back keeps every setting
/// of the user's. A policy made here takes the same settings from the resolved configuration.
/// </summary>
public static class SandboxPolicies
{
    /// <summary>The mode's name, as thread calls and job records have it.</summary>
    public static string Mode(SandboxMode sandbox) => sandbox switch
    {
        SandboxMode.ReadOnly => "read-only",
        SandboxMode.WorkspaceWrite => "workspace-write",
        _ => "danger-full-access",
    };

    /// <summary>The policy type that belongs to a mode.</summary>
    public static string Type(SandboxMode sandbox) => sandbox switch
    {
        SandboxMode.ReadOnly => "readOnly",
        SandboxMode.WorkspaceWrite => "workspaceWrite",
        _ => "dangerFullAccess",
    };

    /// <summary>The mode a policy type belongs to; null when it is none of ours (the server runs in somebody else's sandbox).</summary>
    public static SandboxMode? ModeOf(string? type) => type switch
    {
        "readOnly" => SandboxMode.ReadOnly,
        "workspaceWrite" => SandboxMode.WorkspaceWrite,
        "dangerFullAccess" => SandboxMode.DangerFullAccess,
        _ => null,
    };

    /// <summary>The policy for a turn.</summary>
    /// <param name="wanted">What was asked for.</param>
    /// <param name="resolved">The policy the server named in its answer to the thread call.</param>
    /// <param name="config">The resolved configuration (<c>config</c> of <c>config/read</c>); undefined when it could not be read.</param>
    public static JsonElement ForTurn(SandboxMode wanted, JsonElement resolved, JsonElement config) =>
        string.Equals(resolved.Text("type"), Type(wanted), StringComparison.Ordinal)
            ? resolved
            : RpcMessage.ToElement(RpcJson.WriteObject(w => Write(w, wanted, config.Member("sandbox_workspace_write"))));

    /// <summary>A policy for writing with more folders to write in; any other policy as it is.</summary>
    public static JsonElement WithRoots(JsonElement policy, IReadOnlyList<string> roots)
    {
        if (roots.Count == 0 || policy.Text("type") != Type(SandboxMode.WorkspaceWrite))
            return policy;
        return RpcMessage.ToElement(RpcJson.WriteObject(w =>
        {
            foreach (var member in policy.EnumerateObject().Where(member => !member.NameEquals("writableRoots"u8)))
                member.WriteTo(w);
            w.WriteStartArray("writableRoots"u8);
            foreach (var root in policy.Texts("writableRoots").Concat(roots).Distinct(StringComparer.Ordinal))
                w.WriteStringValue(root);
            w.WriteEndArray();
        }));
    }

    private static void Write(Utf8JsonWriter w, SandboxMode wanted, JsonElement settings)
    {
        w.WriteString("type"u8, Type(wanted));
        if (wanted == SandboxMode.ReadOnly)
            w.WriteBoolean("networkAccess"u8, value: false);
        if (wanted != SandboxMode.WorkspaceWrite)
            return;
        w.WriteStartArray("writableRoots"u8);
        foreach (var root in settings.Texts("writable_roots"))
            w.WriteStringValue(root);
        w.WriteEndArray();
        w.WriteBoolean("networkAccess"u8, settings.IsTrue("network_access"));
        w.WriteBoolean("excludeTmpdirEnvVar"u8, settings.IsTrue("exclude_tmpdir_env_var"));
        w.WriteBoolean("excludeSlashTmp"u8, settings.IsTrue("exclude_slash_tmp"));
    }
}
