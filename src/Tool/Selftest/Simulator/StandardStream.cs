using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace CodexCompanion.Tool.Selftest.Simulator;

/// <summary>
/// Stdin or stdout of this process such that closing it is seen at the other end. The console's own streams leave the descriptor open, and
/// the runtime keeps a duplicate of it.
/// </summary>
internal sealed class StandardStream : FileStream
{
    private const string OwnDescriptors = "/proc/self/fd";

    private readonly int _descriptor;
    private bool _closed;

    private StandardStream(int descriptor, FileAccess access)
        : base(new SafeFileHandle(descriptor, ownsHandle: true), access, bufferSize: 0) => _descriptor = descriptor;

    public static Stream OpenInput() => OperatingSystem.IsWindows() ? Console.OpenStandardInput() : new StandardStream(0, FileAccess.Read);

    public static Stream OpenOutput() => OperatingSystem.IsWindows() ? Console.OpenStandardOutput() : new StandardStream(1, FileAccess.Write);

    protected override void Dispose(bool disposing)
    {
        var duplicates = disposing && !Interlocked.Exchange(ref _closed, true) ? Duplicates() : [];
        base.Dispose(disposing);
        foreach (var duplicate in duplicates)
            new SafeFileHandle(duplicate, ownsHandle: true).Dispose();
    }

    // Only Linux tells which descriptors are the same pipe; elsewhere the pipe stays open until the process ends.
    private List<int> Duplicates()
    {
        if (!OperatingSystem.IsLinux() || Target(_descriptor) is not { } pipe || pipe.StartsWith('/'))
            return [];
        return
        [
            .. Directory.EnumerateFiles(OwnDescriptors)
                .Select(file => int.Parse(Path.GetFileName(file), CultureInfo.InvariantCulture))
                .Where(descriptor => descriptor > 2 && Target(descriptor) == pipe),
        ];
    }

    private static string? Target(int descriptor)
    {
        try
        {
            return new FileInfo($"{OwnDescriptors}/{descriptor}").LinkTarget;
        }
        catch (IOException)
        {
            // Closed meanwhile, as the descriptor of the listing itself.
            return null;
        }
    }
}
