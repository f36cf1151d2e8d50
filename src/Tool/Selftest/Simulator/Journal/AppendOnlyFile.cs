namespace CodexCompanion.Tool.Selftest.Simulator.Journal;

/// <summary>
/// Lines added to a file by several processes at once, any of which may be killed at any instruction. Only the last line can be torn; the
/// next writer ends it, and readers skip what they cannot parse.
/// </summary>
internal static class AppendOnlyFile
{
    // An append takes well under a millisecond; thousands could queue up before this, so reaching it means a stuck disk.
    private const long PatienceMilliseconds = 5_000;

    /// <summary>Adds one line.</summary>
    /// <param name="path">The file, created when missing; its folder must exist.</param>
    /// <param name="line">The line in UTF-8, without its end.</param>
    /// <exception cref="IOException">The file stayed locked for five seconds, or cannot be written.</exception>
    public static void Append(string path, ReadOnlySpan<byte> line)
    {
        // Readers must get in meanwhile: on Windows sharing says so; elsewhere a line is added in no time.
        using var file = OpenPatiently(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, OperatingSystem.IsWindows() ? FileShare.Read : FileShare.None);
        var torn = EndsInMidLine(file);
        var bytes = new byte[line.Length + (torn ? 2 : 1)];
        if (torn)
            bytes[0] = (byte)'\n';
        line.CopyTo(bytes.AsSpan(torn ? 1 : 0));
        bytes[^1] = (byte)'\n';
        file.Seek(0, SeekOrigin.End);
        file.Write(bytes);
    }

    /// <summary>The whole lines of a file: none when there is no file, and never the torn one at its end.</summary>
    public static IReadOnlyList<string> ReadLines(string path)
    {
        if (!File.Exists(path))
            return [];
        using var file = OpenPatiently(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(file);
        var text = reader.ReadToEnd();
        var end = text.LastIndexOf('\n');
        return end < 0 ? [] : text[..end].Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    // On Unix the runtime takes a file lock with every opening, a shared one to read: whoever adds a line keeps readers out, too.
    private static FileStream OpenPatiently(string path, FileMode mode, FileAccess access, FileShare share)
    {
        var start = TimeProvider.System.GetTimestamp();
        var spinner = new SpinWait();
        while (true)
        {
            try
            {
                return new FileStream(path, mode, access, share, bufferSize: 0);
            }
            catch (IOException) when (TimeProvider.System.GetElapsedTime(start).TotalMilliseconds < PatienceMilliseconds && File.Exists(path))
            {
                // Another server is adding its line.
                spinner.SpinOnce();
            }
        }
    }

    private static bool EndsInMidLine(FileStream file)
    {
        if (file.Length == 0)
            return false;
        file.Seek(-1, SeekOrigin.End);
        return file.ReadByte() != '\n';
    }
}
