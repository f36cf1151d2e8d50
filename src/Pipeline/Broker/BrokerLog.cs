using System.Globalization;

namespace CodexCompanion.Pipeline.Broker;

/// <summary>
/// The broker's log: a line an event, one older file kept. It names methods, threads and processes, never contents: no prompt, token or
/// environment gets here.
/// </summary>
public sealed class BrokerLog(string path, string instanceId, TimeProvider time) : IDisposable
{
    // Two files of this size hold weeks of a broker's life.
    private const long MaxBytes = 1024 * 1024;

    private readonly Lock _gate = new();
    private StreamWriter? _writer;

    /// <summary>Path of the current file.</summary>
    public string Path { get; } = path;

    /// <summary>Writes one line. A log that cannot be written is no reason to stop serving.</summary>
    public void Write(string line)
    {
        lock (_gate)
        {
            try
            {
                _writer ??= Open();
                var stamp = time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
                _writer.WriteLine($"[{stamp}] {instanceId} {line.ReplaceLineEndings(" ")}");
                if (_writer.BaseStream.Length > MaxBytes)
                    Rotate();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
            {
                _writer = null; // Full disk, deleted folder: the next line tries again.
            }
        }
    }

    private StreamWriter Open()
    {
        var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new StreamWriter(new FileStream(Path, options)) { AutoFlush = true };
    }

    private void Rotate()
    {
        _writer?.Dispose();
        _writer = null;
        File.Move(Path, Path + ".1", overwrite: true);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _writer?.Dispose();
            _writer = null;
        }
    }
}
