using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace CodexCompanion.Pipeline.Processes;

/// <summary>
/// posix_spawn and what belongs to it. It answers 0 or an error number. The others can only fail for want of memory, a few hundred
/// bytes; .NET itself does not survive that, so their answers are not looked at.
/// </summary>
[UnsupportedOSPlatform("windows")]
internal static unsafe partial class SpawnCalls
{
    /// <summary>Room for a <c>posix_spawnattr_t</c> or a <c>posix_spawn_file_actions_t</c>, in bytes: 336 and 80 with glibc and musl, a
    /// pointer each on macOS.</summary>
    public const int ObjectBytes = 1024;

    /// <summary>Room for a <c>sigset_t</c>, in bytes: 128 with glibc and musl, 4 on macOS.</summary>
    public const int SignalSetBytes = 128;

    /// <summary>Give back the default to the signals of a set.</summary>
    public const short SetSignalDefaults = 0x04;

    /// <summary>Set the mask of blocked signals.</summary>
    public const short SetSignalMask = 0x08;

    /// <summary>macOS: descriptors that no file action makes do not reach the child.</summary>
    public const short CloseByDefault = 0x4000;

    /// <summary>A session of its own; the value differs by system.</summary>
    public static short SetSession => OperatingSystem.IsMacOS() ? (short)0x0400 : (short)0x80;

    [LibraryImport("libc", EntryPoint = "posix_spawn")]
    public static partial int Spawn(int* pid, byte* path, void* actions, void* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    public static partial void InitAttributes(void* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    public static partial void DestroyAttributes(void* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    public static partial void SetFlags(void* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    public static partial void SetDefaults(void* attributes, void* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    public static partial void SetMask(void* attributes, void* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    public static partial void InitActions(void* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    public static partial void DestroyActions(void* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    public static partial void AddDuplicate(void* actions, int from, int to);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addopen")]
    public static partial void AddOpen(void* actions, int descriptor, byte* path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addclose")]
    public static partial void AddClose(void* actions, int descriptor);

    // Missing before glibc 2.34, in musl and on macOS.
    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addclosefrom_np")]
    public static partial void AddCloseFrom(void* actions, int from);

    // Missing before glibc 2.29, musl 1.1.24 and macOS 10.15.
    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addchdir_np")]
    public static partial void AddChangeDirectory(void* actions, byte* path);
}
