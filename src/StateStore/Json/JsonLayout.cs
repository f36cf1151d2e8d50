using System.Text.Encodings.Web;
using System.Text.Json;

namespace CodexCompanion.StateStore.Json;

/// <summary>How JSON of ours is laid out. Files, and lines that programs read, are no web page: text stays readable instead of being escaped.</summary>
public static class JsonLayout
{
    /// <summary>On one line.</summary>
    public static readonly JsonWriterOptions Line = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>On several, for files that people read.</summary>
    public static readonly JsonWriterOptions Indented = Line with { Indented = true };
}
