using System.Text.Json;
using CodexCompanion.Pipeline.Rpc;

namespace CodexCompanion.Tool.Transfer;

/// <summary>Codex's own list of what it imported (<c>external_agent_session_imports.json</c> in its home).</summary>
internal static class ImportRecords
{
    private const string FileName = "external_agent_session_imports.json";
    private const string LongPathPrefix = @"\\?\";

    // Some hundred bytes a session; what is larger is not this file.
    private const int LargestFile = 64 * 1024 * 1024;

    /// <summary>The thread a transcript was last imported into; null when none is recorded.</summary>
    public static string? ThreadOf(string? codexHome, string transcript)
    {
        if (codexHome is null)
            return null;
        try
        {
            var file = new FileInfo(Path.Combine(codexHome, FileName));
            if (!file.Exists || file.Length > LargestFile)
                return null;
            using var document = JsonDocument.Parse(File.ReadAllBytes(file.FullName));
            return document.RootElement.Items("records")
                .Where(record => IsSame(record.Text("source_path"), transcript))
                .OrderBy(record => record.Member("imported_at") is { ValueKind: JsonValueKind.Number } at ? at.GetDouble() : 0)
                .LastOrDefault().Text("imported_thread_id");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null; // Another program's file: without it the import's own word has to do.
        }
    }

    /// <summary>Whether two paths are the same, whichever way Windows wrote them.</summary>
    internal static bool IsSame(string? recorded, string transcript)
    {
        if (recorded is null)
            return false;
        var plain = recorded.StartsWith(LongPathPrefix, StringComparison.Ordinal) ? recorded[LongPathPrefix.Length..] : recorded;
        return string.Equals(plain, transcript, OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);
    }
}
