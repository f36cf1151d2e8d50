using System.Runtime.InteropServices;

namespace CodexCompanion.Tool.Rendering;

/// <summary>How wide a terminal is.</summary>
internal static partial class TerminalSize
{
    // Where the terminal does not tell: the classic one.
    private const int Usual = 80;

    // TIOCGWINSZ of Linux on x64 and arm64.
    private const nuint AskSize = 0x5413;

    /// <summary>Columns of the terminal behind a standard stream.</summary>
    /// <param name="descriptor">1 for stdout, 2 for stderr.</param>
    public static int Columns(int descriptor)
    {
        // The runtime's own way sets the terminal up for a program that reads keys: it writes escapes to it, which nobody takes back when such a short
        // program is gone. Elsewhere it stays: ioctl is variadic, which makes a difference on Apple silicon and none on Linux.
        if (OperatingSystem.IsLinux())
            return Ask(descriptor, AskSize, out var size) == 0 && size.Columns > 0 ? size.Columns : Usual;
        try
        {
            return Console.WindowWidth is > 0 and var width ? width : Usual;
        }
        catch (IOException)
        {
            return Usual; // Not a terminal after all.
        }
    }

    [LibraryImport("libc", EntryPoint = "ioctl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Ask(int descriptor, nuint request, out WindowSize size);

    [StructLayout(LayoutKind.Sequential)]
    private struct WindowSize
    {
        public ushort Rows;
        public ushort Columns;
        public ushort Width;
        public ushort Height;
    }
}
