using System.Text.Json;
using CodexCompanion.StateStore.Json;

namespace CodexCompanion.StateStore.Processes;

/// <summary>A process identity in records and messages.</summary>
public static class ProcessIdentityFormat
{
    /// <summary>The format.</summary>
    public static JsonFormat<ProcessIdentity> Instance { get; } = new(Read, Write);

    // The start time is compared as text; without one the process can only ever be looked at as "unknown".
    private static ProcessIdentity Read(JsonMembers members) => new(
        members.RequiredInteger("pid"), members.Text("startTime") ?? "", members.Text("bootId"), members.Text("pidNamespace"));

    private static void Write(Utf8JsonWriter writer, ProcessIdentity process)
    {
        writer.Number("pid"u8, process.Pid);
        writer.Text("startTime"u8, process.StartTime);
        writer.Text("bootId"u8, process.BootId);
        writer.Text("pidNamespace"u8, process.PidNamespace);
    }
}
