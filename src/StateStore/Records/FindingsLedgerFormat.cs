using System.Text.Json;
using CodexCompanion.StateStore.Json;

namespace CodexCompanion.StateStore.Records;

/// <summary><c>findings.json</c>.</summary>
internal static class FindingsLedgerFormat
{
    /// <summary>The format.</summary>
    public static JsonFormat<FindingsLedger> Instance { get; } = new(Read, Write);

    private static JsonFormat<FindingRecord> Finding { get; } = new(ReadFinding, WriteFinding);

    private static FindingsLedger Read(JsonMembers members) => new()
    {
        Version = members.Integer("version") ?? 0,
        Findings = members.Objects("findings", Finding) ?? [],
        Extra = members.Rest(),
    };

    private static void Write(Utf8JsonWriter writer, FindingsLedger ledger)
    {
        writer.Number("version"u8, ledger.Version);
        writer.Objects("findings"u8, ledger.Findings, Finding);
        writer.Rest(ledger.Extra);
    }

    private static FindingRecord ReadFinding(JsonMembers members) => new()
    {
        Id = members.RequiredText("id"),
        State = StateOf(members.Text("state")),
        Severity = members.Text("severity"),
        Title = members.Text("title"),
        Body = members.Text("body"),
        Recommendation = members.Text("recommendation"),
        File = members.Text("file"),
        LineStart = members.Integer("lineStart") ?? 0,
        LineEnd = members.Integer("lineEnd") ?? 0,
        CodeHash = members.Text("codeHash"),
        CodeLines = members.Integer("codeLines") ?? 0,
        FirstSeenAt = members.Time("firstSeenAt") ?? DateTimeOffset.MinValue,
        LastSeenAt = members.Time("lastSeenAt") ?? DateTimeOffset.MinValue,
        DecidedAt = members.Time("decidedAt"),
        Reason = members.Text("reason"),
        JobId = members.Text("jobId"),
        Extra = members.Rest(),
    };

    private static void WriteFinding(Utf8JsonWriter writer, FindingRecord finding)
    {
        writer.Text("id"u8, finding.Id);
        writer.Text("state"u8, WordOf(finding.State));
        writer.Text("severity"u8, finding.Severity);
        writer.Text("title"u8, finding.Title);
        writer.Text("body"u8, finding.Body);
        writer.Text("recommendation"u8, finding.Recommendation);
        writer.Text("file"u8, finding.File);
        writer.Number("lineStart"u8, finding.LineStart);
        writer.Number("lineEnd"u8, finding.LineEnd);
        writer.Text("codeHash"u8, finding.CodeHash);
        writer.Number("codeLines"u8, finding.CodeLines);
        writer.Time("firstSeenAt"u8, finding.FirstSeenAt);
        writer.Time("lastSeenAt"u8, finding.LastSeenAt);
        writer.Time("decidedAt"u8, finding.DecidedAt);
        writer.Text("reason"u8, finding.Reason);
        writer.Text("jobId"u8, finding.JobId);
        writer.Rest(finding.Extra);
    }

    private static string WordOf(FindingState state) => state switch
    {
        FindingState.Open => "open",
        FindingState.Fixed => "fixed",
        FindingState.Accepted => "accepted",
        _ => "wrong",
    };

    private static FindingState StateOf(string? word) => word switch
    {
        null or "open" => FindingState.Open,
        "fixed" => FindingState.Fixed,
        "accepted" => FindingState.Accepted,
        "wrong" => FindingState.Wrong,
        _ => throw new JsonException("The value of state is no state of a finding.", "$.findings[].state", lineNumber: null, bytePositionInLine: null),
    };
}
