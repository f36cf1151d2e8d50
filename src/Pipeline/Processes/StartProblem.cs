using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace CodexCompanion.Pipeline.Processes;

/// <summary>Says in one sentence why a process cannot be started.</summary>
internal static class StartProblem
{
    /// <summary>What can be known before trying; null when nothing speaks against it.</summary>
    public static string? Foresee(ChildStart start)
    {
        // The system's own answer to a missing folder is the same as to a missing program.
        if (!Directory.Exists(start.WorkingDirectory))
            return $"The working directory {start.WorkingDirectory} does not exist.";
        var texts = start.Arguments.Concat(start.Environment.Keys).Concat(start.Environment.Values).Append(start.Path);
        return texts.Any(t => t.Contains('\0', StringComparison.Ordinal))
            ? $"{start.Path} cannot be started with a NUL character in its arguments or environment."
            : null;
    }

    /// <summary>What an error number of the system means.</summary>
    [UnsupportedOSPlatform("windows")]
    public static string Explain(ChildStart start, int error) => error switch
    {
        Libc.NoSuchFile when File.Exists(start.Path) => $"{start.Path} cannot be started: the interpreter or loader it names does not exist.",
        Libc.NoSuchFile => $"{start.Path} does not exist.",
        Libc.NotExecutable => $"{start.Path} is not executable.",
        Libc.WrongFormat => $"{start.Path} is no program for this system.",
        _ => $"{start.Path} could not be started: {Marshal.GetPInvokeErrorMessage(error)}.",
    };
}
