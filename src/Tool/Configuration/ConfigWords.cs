using System.Text;
using CodexCompanion.Pipeline.Turns;

namespace CodexCompanion.Tool.Configuration;

/// <summary>The words of configuration and command line for what the code calls by type.</summary>
internal static class ConfigWords
{
    /// <summary>The sandbox modes, as Codex calls them.</summary>
    public const string Sandboxes = "read-only, workspace-write or danger-full-access";

    /// <summary>The same, one by one.</summary>
    public static IReadOnlyList<string> SandboxWords { get; } = ["read-only", "workspace-write", "danger-full-access"];

    /// <summary>Reads a sandbox mode.</summary>
    public static bool TrySandbox(string? word, out SandboxMode mode)
    {
        (mode, var known) = word switch
        {
            "read-only" => (SandboxMode.ReadOnly, true),
            "workspace-write" => (SandboxMode.WorkspaceWrite, true),
            "danger-full-access" => (SandboxMode.DangerFullAccess, true),
            _ => (SandboxMode.ReadOnly, false),
        };
        return known;
    }

    /// <summary>Codex's word for a sandbox mode.</summary>
    public static string Of(SandboxMode mode) => mode switch
    {
        SandboxMode.WorkspaceWrite => "workspace-write",
        SandboxMode.DangerFullAccess => "danger-full-access",
        _ => "read-only",
    };

    /// <summary><c>brokerStart</c> as <c>BROKER_START</c>.</summary>
    public static string UpperSnake(string name)
    {
        var text = new StringBuilder();
        foreach (var c in name)
        {
            if (char.IsAsciiLetterUpper(c))
                text.Append('_');
            text.Append(char.ToUpperInvariant(c));
        }

        return text.ToString();
    }
}
