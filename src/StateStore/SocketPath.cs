using System.Text;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Records;

namespace CodexCompanion.StateStore;

/// <summary>Where a broker instance listens, or why it cannot.</summary>
public abstract record SocketPath
{
    // sun_path is 108 bytes on Linux and 104 on macOS, the closing zero included.
    private const int LinuxLimit = 107;
    private const int MacLimit = 103;

    private SocketPath()
    {
    }

    /// <summary>Most bytes a socket's path may have here.</summary>
    public static int Limit => OperatingSystem.IsMacOS() ? MacLimit : LinuxLimit;

    /// <summary>The endpoint: a path in a folder that was made private, or the name of a pipe on Windows.</summary>
    public sealed record Ready(string Endpoint) : SocketPath;

    /// <summary>The shortest path there is has too many bytes.</summary>
    public sealed record TooLong(string Path, int Bytes) : SocketPath;

    /// <summary>No folder could be used, for the reason in one sentence.</summary>
    public sealed record Refused(string Sentence) : SocketPath;

    /// <summary>Finds the endpoint of an instance: a fresh name for each, since disposing a listener deletes its path by name.</summary>
    public static SocketPath TryCreate(string instanceId, Func<string, string?> environment, INativeDisk disk)
    {
        if (!BrokerRecord.IsValidInstanceId(instanceId))
            throw new ArgumentException($"\"{instanceId}\" is not a broker instance.", nameof(instanceId));
        if (OperatingSystem.IsWindows())
            return new Ready($"codex-companion-{instanceId}");

        SocketPath? refusal = null;
        foreach (var directory in SocketDirectory.Candidates(environment, disk))
        {
            var path = Path.Combine(directory.Path, instanceId + ".sock");
            var bytes = Encoding.UTF8.GetByteCount(path);
            if (bytes > Limit)
                refusal ??= new TooLong(path, bytes);
            else if (directory.Ensure(disk) is { } sentence)
                refusal = new Refused(sentence);
            else
                return new Ready(path);
        }

        return refusal!;
    }
}
