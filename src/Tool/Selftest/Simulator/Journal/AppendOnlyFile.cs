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
        using var file = OpenAlone(path);
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
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(file);
        var text = reader.ReadToEnd();
        var end = text.LastIndexOf('\n');
        return end < 0 ? [] : text[..end].Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static FileStream OpenAlone(string path)
    {
        // Readers must get in meanwhile: on Windows sharing says so; elsewhere only another exclusive opener is kept out.
        var share = OperatingSystem.IsWindows() ? FileShare.Read : FileShare.None;
        var start = TimeProvider.System.GetTimestamp();
        var spinner = new SpinWait();
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, share, bufferSize: 0);
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
