using System.Globalization;
using System.Text;
using CodexCompanion.StateStore.Disk;

namespace CodexCompanion.Pipeline.Broker;

/// <summary>
/// The broker's log: a line an event, one older file kept. It names methods, threads and processes, never contents: no prompt, token or
/// environment gets here. A draining broker and its successor write to the same file.
/// </summary>
public sealed class BrokerLog(string path, string instanceId, TimeProvider time)
{
    // Two files of this size hold weeks of a broker's life.
    private const long MaxBytes = 1024 * 1024;

    private readonly Lock _gate = new();

    /// <summary>Path of the current file.</summary>
    public string Path { get; } = path;

    /// <summary>Writes one line. A log that cannot be written is no reason to stop serving.</summary>
    public void Write(string line)
    {
        var stamp = time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        lock (_gate)
        {
            try
            {
                NativeDisk.Instance.Append(Path, Encoding.UTF8.GetBytes($"[{stamp}] {instanceId} {line.ReplaceLineEndings(" ")}\n"));
                if (new FileInfo(Path).Length > MaxBytes)
                    File.Move(Path, Path + ".1", overwrite: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Full disk, deleted folder, rotated by another instance: the next line tries again.
            }
        }
    }
}
