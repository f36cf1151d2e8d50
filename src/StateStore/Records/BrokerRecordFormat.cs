using System.Text.Json;
using CodexCompanion.StateStore.Json;
using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.StateStore.Records;

/// <summary><c>broker.json</c>.</summary>
internal static class BrokerRecordFormat
{
    /// <summary>The format.</summary>
    public static JsonFormat<BrokerRecord> Instance { get; } = new(Read, Write);

    private static BrokerRecord Read(JsonMembers members) => new()
    {
        Version = members.Integer("version") ?? 0,
        InstanceId = members.RequiredText("instanceId"),
        Endpoint = members.RequiredText("endpoint"),
        Process = members.RequiredObject("process", ProcessIdentityFormat.Instance),
        AppServer = members.Object("appServer", ProcessIdentityFormat.Instance),
        StartedAt = members.RequiredTime("startedAt"),
        Protocol = members.RequiredInteger("protocol"),
        ToolVersion = members.RequiredText("toolVersion"),
        Fingerprint = members.RequiredText("fingerprint"),
        LogFile = members.RequiredText("logFile"),
        Extra = members.Rest(),
    };

    private static void Write(Utf8JsonWriter writer, BrokerRecord record)
    {
        writer.Number("version"u8, record.Version);
        writer.Text("instanceId"u8, record.InstanceId);
        writer.Text("endpoint"u8, record.Endpoint);
        writer.Object("process"u8, record.Process, ProcessIdentityFormat.Instance);
        writer.Object("appServer"u8, record.AppServer, ProcessIdentityFormat.Instance);
        writer.Time("startedAt"u8, record.StartedAt);
        writer.Number("protocol"u8, record.Protocol);
        writer.Text("toolVersion"u8, record.ToolVersion);
        writer.Text("fingerprint"u8, record.Fingerprint);
        writer.Text("logFile"u8, record.LogFile);
        writer.Rest(record.Extra);
    }
}
