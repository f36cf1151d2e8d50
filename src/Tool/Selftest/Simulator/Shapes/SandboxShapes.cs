using System.Text.Json.Nodes;

namespace CodexCompanion.Tool.Selftest.Simulator.Shapes;

/// <summary>Sandbox policies as the protocol shows them.</summary>
internal static class SandboxShapes
{
    /// <summary>The policy behind the name a client chooses it by.</summary>
    public static JsonObject Policy(string name) => name switch
    {
        "danger-full-access" => new JsonObject { ["type"] = "dangerFullAccess" },
        "workspace-write" => new JsonObject
        {
            ["type"] = "workspaceWrite",
            ["writableRoots"] = new JsonArray(),
            ["networkAccess"] = false,
            ["excludeTmpdirEnvVar"] = false,
            ["excludeSlashTmp"] = false,
        },
        _ => new JsonObject { ["type"] = "readOnly", ["networkAccess"] = false },
    };
}
