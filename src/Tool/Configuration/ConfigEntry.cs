using System.Text.Json;

namespace CodexCompanion.Tool.Configuration;

/// <summary>One value found in a configuration file or variable.</summary>
/// <param name="Key">Dotted key: <c>model</c>, <c>limits.stall</c>.</param>
/// <param name="Value">The value as it stands there.</param>
/// <param name="Origin">Which layer it belongs to.</param>
/// <param name="Place">File and line, or variable, for error sentences.</param>
internal sealed record ConfigEntry(string Key, JsonElement Value, Origin Origin, string Place);
