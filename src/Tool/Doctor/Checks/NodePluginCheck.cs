using System.Text.Json;
using CodexCompanion.StateStore.Disk;

namespace CodexCompanion.Tool.Doctor.Checks;

/// <summary>
/// Whether the Node runtime's plugin is switched on in Claude Code beside ours: both answer the same slash commands and hooks, and every
/// session would start two brokers.
/// </summary>
internal sealed class NodePluginCheck : IDoctorCheck
{
    // As the marketplace of openai/codex-plugin-cc names it.
    private const string Theirs = "codex@openai-codex";
    private const string OurMarketplace = "@codex-companion";

    // Settings are some kilobytes.
    private const long Largest = 4 * 1024 * 1024;

    /// <inheritdoc/>
    public string Id => "node-plugin";

    /// <inheritdoc/>
    public CheckCategory Category => CheckCategory.Surroundings;

    /// <inheritdoc/>
    public CheckScope Scope => CheckScope.User;

    /// <inheritdoc/>
    public string About => "the Node runtime's plugin switched on in Claude Code beside ours";

    /// <inheritdoc/>
    public Task<Inspection> InspectAsync(DoctorPlace place, CancellationToken cancellation)
    {
        if (ClaudeFolder.Of(place.Site) is not { } folder || !Directory.Exists(folder))
            return Task.FromResult(Inspection.Ok("Claude Code is not set up for this user"));
        var enabled = Enabled(Path.Combine(folder, "settings.json"));
        var theirs = enabled.Contains(Theirs);
        var ours = enabled.Any(name => name.EndsWith(OurMarketplace, StringComparison.Ordinal));
        if (!theirs || !ours)
            return Task.FromResult(Inspection.Ok(ours ? "only ours is switched on" : theirs ? "only the Node runtime's is switched on" : "neither is switched on"));
        var finding = new Finding(
            "both", Theirs, "the Node runtime's plugin is switched on beside ours", Remedy.Manual("switch it off", $"claude plugin disable {Theirs}"))
        {
            Severity = Severity.Warning,
            Evidence = [$"both stand in enabledPlugins of {Path.Combine(folder, "settings.json")}"],
        };
        return Task.FromResult(Inspection.Of("", [finding], _ => ""));
    }

    private static HashSet<string> Enabled(string file)
    {
        var enabled = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            if (!RegularFile.IsAt(file) || new FileInfo(file) is not { Exists: true, Length: < Largest })
                return enabled;
            using var document = JsonDocument.Parse(File.ReadAllBytes(file), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("enabledPlugins", out var plugins) || plugins.ValueKind != JsonValueKind.Object)
                return enabled;
            foreach (var plugin in plugins.EnumerateObject().Where(plugin => plugin.Value.ValueKind == JsonValueKind.True))
                enabled.Add(plugin.Name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            // The host's file, and the host's to complain about.
        }

        return enabled;
    }
}
