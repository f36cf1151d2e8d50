using System.Buffers;
using System.Text;
using System.Text.Json;
using CodexCompanion.StateStore.Json;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Reviews.Findings;
using CodexCompanion.Tool.Reviews.Ledger;

namespace CodexCompanion.Tool.Reviews.Rendering;

/// <summary>A review as SARIF 2.1.0, for code scanning. Every severity is a rule: a model's findings follow no catalogue.</summary>
internal static class SarifReview
{
    private const string SchemaUri = "https://json.schemastore.org/sarif-2.1.0.json";

    // What scanners sort by, from 0 to 10; the middle of the ranges they name critical, high, medium and low.
    private static readonly (Severity Severity, string Security)[] Rules =
        [(Severity.Critical, "9.5"), (Severity.High, "8.0"), (Severity.Medium, "5.5"), (Severity.Low, "2.0")];

    /// <summary>The log.</summary>
    public static string Render(ReviewView view)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, JsonLayout.Indented))
        {
            json.WriteStartObject();
            json.WriteString("$schema", SchemaUri);
            json.WriteString("version", "2.1.0");
            json.WriteStartArray("runs");
            Run(json, view);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Run(Utf8JsonWriter json, ReviewView view)
    {
        json.WriteStartObject();
        json.WriteStartObject("tool");
        json.WriteStartObject("driver");
        json.WriteString("name", $"codex-companion {view.Kind}");
        json.WriteString("semanticVersion", ToolVersion.Text);
        json.WriteStartArray("rules");
        foreach (var (severity, security) in Rules)
            Rule(json, severity, security);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();

        json.WriteString("columnKind", "utf16CodeUnits");
        json.WriteStartObject("automationDetails");
        json.WriteString("id", $"codex-companion/{view.Kind}/");
        json.WriteString("guid", Guid.CreateVersion7());
        json.WriteEndObject();
        json.WriteStartObject("originalUriBaseIds");
        json.WriteStartObject("SRCROOT");
        json.WriteString("uri", new Uri(view.Target.Root + "/").AbsoluteUri);
        json.WriteEndObject();
        json.WriteEndObject();

        json.WriteStartArray("invocations");
        json.WriteStartObject();
        json.WriteBoolean("executionSuccessful", view.Report is not null);
        if (view.Reason is { } reason)
            Notifications(json, [reason], "error");
        else if (view.Remarks.Count > 0)
            Notifications(json, view.Remarks, "warning");
        json.WriteEndObject();
        json.WriteEndArray();

        json.WriteStartArray("results");
        foreach (var known in view.Findings)
            Result(json, known);
        foreach (var gone in view.Fixed)
            Gone(json, gone);
        json.WriteEndArray();
        json.WriteStartObject("properties");
        json.WriteString("jobId", view.JobId);
        json.WriteString("target", view.Target.Label);
        json.WriteString("compared", view.Target.Compared);
        json.WriteString("verdict", view.Report?.Verdict);
        json.WriteString("summary", view.Report?.Summary);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Rule(Utf8JsonWriter json, Severity severity, string security)
    {
        var word = FindingsSchema.Of(severity);
        json.WriteStartObject();
        json.WriteString("id", RuleId(severity));
        json.WriteString("name", $"{char.ToUpperInvariant(word[0])}{word[1..]}SeverityFinding");
        Message(json, "shortDescription", $"A finding of {word} severity.");
        Message(json, "fullDescription", $"Codex reviewed the change and found something it calls {word}. The message says what, when and why.");
        Message(json, "help", "Fix it, or accept it with `codex-companion findings accept ID`; the next review then leaves it out of account.");
        json.WriteStartObject("defaultConfiguration");
        json.WriteString("level", Level(severity));
        json.WriteEndObject();
        json.WriteStartObject("properties");
        json.WriteString("security-severity", security);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Result(Utf8JsonWriter json, KnownFinding known)
    {
        var finding = known.Finding;
        json.WriteStartObject();
        Begin(json, finding.Severity, known.News == FindingNews.Still ? "unchanged" : known.News == FindingNews.New ? "new" : "unchanged", known.Id);
        Message(json, "message", finding.Recommendation.Length > 0
            ? $"{finding.Title}. {finding.Body}\n\nRecommendation: {finding.Recommendation}"
            : $"{finding.Title}. {finding.Body}");
        Location(json, finding.File, finding.LineStart, finding.LineEnd);
        if (finding.Confidence is { } confidence)
            json.WriteNumber("rank", Math.Round(confidence * 100, 1));
        if (!known.Counts)
        {
            json.WriteStartArray("suppressions");
            json.WriteStartObject();
            json.WriteString("kind", "external");
            json.WriteString("status", "accepted");
            json.WriteString("justification", known.News == FindingNews.Accepted ? "accepted" : "marked wrong");
            json.WriteEndObject();
            json.WriteEndArray();
        }

        json.WriteStartObject("properties");
        json.WriteString("severity", FindingsSchema.Of(finding.Severity));
        json.WriteString("title", finding.Title);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Gone(Utf8JsonWriter json, FindingRecord gone)
    {
        FindingsSchema.TrySeverity(gone.Severity, out var severity);
        json.WriteStartObject();
        Begin(json, severity, "absent", gone.Id);
        Message(json, "message", $"{gone.Title}. {gone.Body}");
        Location(json, gone.File ?? "", Math.Max(1, gone.LineStart), Math.Max(1, gone.LineEnd));
        json.WriteEndObject();
    }

    private static void Begin(Utf8JsonWriter json, Severity severity, string baseline, string id)
    {
        json.WriteString("ruleId", RuleId(severity));
        json.WriteNumber("ruleIndex", Array.FindIndex(Rules, rule => rule.Severity == severity));
        json.WriteString("level", Level(severity));
        json.WriteString("baselineState", baseline);
        json.WriteStartObject("partialFingerprints");
        json.WriteString("codexCompanion/v1", id);
        json.WriteEndObject();
    }

    private static void Location(Utf8JsonWriter json, string file, int first, int last)
    {
        json.WriteStartArray("locations");
        json.WriteStartObject();
        json.WriteStartObject("physicalLocation");
        json.WriteStartObject("artifactLocation");
        json.WriteString("uri", string.Join('/', file.Split('/').Select(Uri.EscapeDataString)));
        json.WriteString("uriBaseId", "SRCROOT");
        json.WriteEndObject();
        json.WriteStartObject("region");
        json.WriteNumber("startLine", first);
        json.WriteNumber("endLine", last);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void Notifications(Utf8JsonWriter json, IReadOnlyList<string> sentences, string level)
    {
        json.WriteStartArray("toolExecutionNotifications");
        foreach (var sentence in sentences)
        {
            json.WriteStartObject();
            json.WriteString("level", level);
            Message(json, "message", sentence);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Message(Utf8JsonWriter json, string name, string text)
    {
        json.WriteStartObject(name);
        json.WriteString("text", text);
        json.WriteEndObject();
    }

    private static string RuleId(Severity severity) => $"codex-{FindingsSchema.Of(severity)}";

    private static string Level(Severity severity) => severity switch
    {
        Severity.Critical or Severity.High => "error",
        Severity.Medium => "warning",
        _ => "note",
    };
}
