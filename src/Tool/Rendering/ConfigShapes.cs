using System.Text.Json;

namespace CodexCompanion.Tool.Rendering;

/// <summary><c>completion SHELL --json</c>.</summary>
internal sealed record CompletionJson(string Shell, string Script);

/// <summary><c>config show --json</c>.</summary>
/// <param name="Workspace">Root of the workspace.</param>
/// <param name="Files">The files that were looked at, weakest first.</param>
/// <param name="Settings">Every setting.</param>
internal sealed record ConfigJson(string Workspace, IReadOnlyList<ConfigFileJson> Files, IReadOnlyList<ConfigSettingJson> Settings);

/// <summary>A configuration file.</summary>
internal sealed record ConfigFileJson(string Layer, string Path, bool Exists);

/// <summary>A setting that is in force.</summary>
/// <param name="Key">Dotted key.</param>
/// <param name="Value">Its value; null for none.</param>
/// <param name="Origin">default, user, project or environment.</param>
/// <param name="Place">File and line, or variable; null for a default.</param>
/// <param name="Variable">The variable that would set it; null for none.</param>
internal sealed record ConfigSettingJson(string Key, JsonElement? Value, string Origin, string? Place, string? Variable);
