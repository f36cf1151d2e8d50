using System.IO.Compression;
using CodexCompanion.StateStore.Disk;

namespace CodexCompanion.Tool.Doctor.Bundle;

/// <summary>Writes a bundle: a zip file that only its owner can read, whole or not at all.</summary>
internal static class BundleFile
{
    /// <summary>Writes it.</summary>
    /// <param name="path">Where; nothing may be there.</param>
    /// <param name="entries">What goes in.</param>
    /// <param name="now">The time that stands at the entries.</param>
    /// <exception cref="IOException">It cannot be written, or something is there.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    public static void Write(string path, IReadOnlyList<BundleEntry> entries, DateTimeOffset now)
    {
        var file = NativeDisk.Instance.CreatePrivateFile(path);
        try
        {
            using (file)
            using (var archive = new ZipArchive(file, ZipArchiveMode.Create))
            {
                foreach (var entry in entries)
                {
                    var packed = archive.CreateEntry(entry.Name, CompressionLevel.Optimal);
                    packed.LastWriteTime = now;
                    using var writer = new StreamWriter(packed.Open());
                    writer.Write(entry.Text);
                }
            }
        }
        catch
        {
            File.Delete(path); // Half a zip is of no use to anybody.
            throw;
        }
    }
}
