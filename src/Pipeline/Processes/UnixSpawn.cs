using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace CodexCompanion.Pipeline.Processes;

/// <summary>Where a child's standard input, output and error come from.</summary>
internal abstract record ChildStdio
{
    private ChildStdio()
    {
    }

    /// <summary>Descriptors of ours, above 2.</summary>
    public sealed record Descriptors(int Input, int Output, int ErrorOutput) : ChildStdio;

    /// <summary>No input; output and error are added to the end of a file, or go nowhere.</summary>
    public sealed record ToFile(string Path) : ChildStdio;
}

/// <summary>
/// Starts a process with posix_spawn. .NET's own start gives a child our session and our descriptors: a Ctrl-C on the terminal would
/// hit an app-server before its turn is interrupted, and a broker would keep its caller's pipe open for as long as it lives.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal static unsafe class UnixSpawn
{
    private const string Nowhere = "/dev/null";
    private const int FirstInherited = 3;
    private const int ReadOnly = 0;
    private const uint OwnerOnly = 0x180; // 0600

    // O_WRONLY | O_CREAT | O_APPEND
    private static readonly int AppendOrCreate = OperatingSystem.IsMacOS() ? 0x1 | 0x200 | 0x8 : 0x1 | 0x40 | 0x400;

    /// <summary>Starts it.</summary>
    /// <returns>Its PID, or the error number negated.</returns>
    public static int Start(ChildStart start, ChildStdio stdio)
    {
        try
        {
            return Start(start, stdio, changeDirectory: true);
        }
        catch (EntryPointNotFoundException)
        {
            // This libc cannot change the directory of what it spawns; a shell can, and then becomes the program.
            string[] arguments = ["-c", "cd -- \"$1\" && shift && exec \"$@\"", "sh", start.WorkingDirectory, start.Path, .. start.Arguments];
            return Start(start with { Path = "/bin/sh", Arguments = arguments }, stdio, changeDirectory: false);
        }
    }

    private static int Start(ChildStart start, ChildStdio stdio, bool changeDirectory)
    {
        var actions = NativeMemory.AllocZeroed(SpawnCalls.ObjectBytes);
        var attributes = NativeMemory.AllocZeroed(SpawnCalls.ObjectBytes);
        using var strings = new NativeStrings();
        try
        {
            SpawnCalls.InitActions(actions);
            SpawnCalls.InitAttributes(attributes);
            ConnectStdio(actions, stdio, strings);
            if (changeDirectory)
                SpawnCalls.AddChangeDirectory(actions, strings.Add(start.WorkingDirectory));
            CloseTheRest(actions);
            SetAttributes(attributes);

            var arguments = strings.AddArray([start.Path, .. start.Arguments]);
            var environment = strings.AddArray([.. start.Environment.Select(v => $"{v.Key}={v.Value}")]);
            int pid;
            var error = SpawnCalls.Spawn(&pid, strings.Add(start.Path), actions, attributes, arguments, environment);
            return error == 0 ? pid : -error;
        }
        finally
        {
            SpawnCalls.DestroyActions(actions);
            SpawnCalls.DestroyAttributes(attributes);
            NativeMemory.Free(actions);
            NativeMemory.Free(attributes);
        }
    }

    private static void ConnectStdio(void* actions, ChildStdio stdio, NativeStrings strings)
    {
        if (stdio is ChildStdio.Descriptors given)
        {
            SpawnCalls.AddDuplicate(actions, given.Input, 0);
            SpawnCalls.AddDuplicate(actions, given.Output, 1);
            SpawnCalls.AddDuplicate(actions, given.ErrorOutput, 2);
            return;
        }

        SpawnCalls.AddOpen(actions, 0, strings.Add(Nowhere), ReadOnly, 0);
        SpawnCalls.AddOpen(actions, 1, strings.Add(((ChildStdio.ToFile)stdio).Path), AppendOrCreate, OwnerOnly);
        SpawnCalls.AddDuplicate(actions, 1, 2);
    }

    private static void CloseTheRest(void* actions)
    {
        if (OperatingSystem.IsMacOS())
            return; // CloseByDefault does it, and closing what is not open is an error there.
        try
        {
            SpawnCalls.AddCloseFrom(actions, FirstInherited);
        }
        catch (EntryPointNotFoundException)
        {
            // One by one, then. What other threads open meanwhile is opened close-on-exec by .NET.
            foreach (var entry in Directory.EnumerateFileSystemEntries("/proc/self/fd"))
            {
                if (int.TryParse(Path.GetFileName(entry.AsSpan()), out var descriptor) && descriptor >= FirstInherited)
                    SpawnCalls.AddClose(actions, descriptor);
            }
        }
    }

    // .NET ignores SIGPIPE and our own parent may have ignored or blocked anything: none of it is the child's.
    private static void SetAttributes(void* attributes)
    {
        var signals = stackalloc byte[SpawnCalls.SignalSetBytes];
        new Span<byte>(signals, SpawnCalls.SignalSetBytes).Clear();
        SpawnCalls.SetMask(attributes, signals);
        new Span<byte>(signals, SpawnCalls.SignalSetBytes).Fill(byte.MaxValue);
        SpawnCalls.SetDefaults(attributes, signals);
        var flags = SpawnCalls.SetSession | SpawnCalls.SetSignalDefaults | SpawnCalls.SetSignalMask;
        SpawnCalls.SetFlags(attributes, (short)(OperatingSystem.IsMacOS() ? flags | SpawnCalls.CloseByDefault : flags));
    }
}
