using System.Text.Json;
using CodexCompanion.StateStore.Json;
using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.StateStore.Disk;

/// <summary>The side file of a lock.</summary>
internal static class LockHolderFormat
{
    /// <summary>The format.</summary>
    public static JsonFormat<LockHolder> Instance { get; } = new(Read, Write);

    private static LockHolder Read(JsonMembers members) => new(
        members.RequiredObject("process", ProcessIdentityFormat.Instance), members.RequiredText("purpose"), members.RequiredTime("since"));

    private static void Write(Utf8JsonWriter writer, LockHolder holder)
    {
        writer.Object("process"u8, holder.Process, ProcessIdentityFormat.Instance);
        writer.Text("purpose"u8, holder.Purpose);
        writer.Time("since"u8, holder.Since);
    }
}
