using System.Text.Json;

namespace CodexCompanion.Tool.Reviews.Findings;

/// <summary>The one form in which findings are asked for, stored and shown; and its words.</summary>
internal static class FindingsSchema
{
    /// <summary>Verdict of a change that may go out.</summary>
    public const string Approve = "approve";

    /// <summary>Verdict of one that may not.</summary>
    public const string NeedsAttention = "needs-attention";

    /// <summary>The words for severities, worst first.</summary>
    public static IReadOnlyList<string> Severities { get; } = ["critical", "high", "medium", "low"];

    /// <summary>The JSON schema, as the model's API takes it: every member required, none besides.</summary>
    public static JsonElement Schema { get; } = Parse("""
        {
          "type": "object",
          "additionalProperties": false,
          "required": ["verdict", "summary", "findings", "next_steps"],
          "properties": {
            "verdict": { "type": "string", "enum": ["approve", "needs-attention"] },
            "summary": { "type": "string" },
            "findings": {
              "type": "array",
              "items": {
                "type": "object",
                "additionalProperties": false,
                "required": ["severity", "title", "body", "file", "line_start", "line_end", "confidence", "recommendation"],
                "properties": {
                  "severity": { "type": "string", "enum": ["critical", "high", "medium", "low"] },
                  "title": { "type": "string" },
                  "body": { "type": "string" },
                  "file": { "type": "string" },
                  "line_start": { "type": "integer" },
                  "line_end": { "type": "integer" },
                  "confidence": { "type": "number" },
                  "recommendation": { "type": "string" }
                }
              }
            },
            "next_steps": { "type": "array", "items": { "type": "string" } }
          }
        }
        """);

    /// <summary>The word for a severity.</summary>
    public static string Of(Severity severity) => severity switch
    {
        Severity.Critical => "critical",
        Severity.High => "high",
        Severity.Medium => "medium",
        _ => "low",
    };

    /// <summary>The severity behind a word.</summary>
    public static bool TrySeverity(string? word, out Severity severity)
    {
        (severity, var known) = word switch
        {
            "critical" => (Severity.Critical, true),
            "high" => (Severity.High, true),
            "medium" => (Severity.Medium, true),
            "low" => (Severity.Low, true),
            _ => (Severity.Low, false),
        };
        return known;
    }

    private static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
