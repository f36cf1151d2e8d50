namespace CodexCompanion.StateStore.Disk;

/// <summary>Tells without writing whether a folder can be written to.</summary>
public static class WriteAccess
{
    /// <summary>Why not, to follow the folder's name; null when it can, or the system does not tell (Windows).</summary>
    public static string? Refusal(string folder)
    {
        if (OperatingSystem.IsWindows())
            return null;
        return UnixCalls.WhyNotWritable(folder) switch
        {
            0 => null,
            UnixCalls.ReadOnlyFileSystem => "lies on a read-only file system",
            UnixCalls.AccessDenied => "cannot be written to: permission is denied",
            var error => $"cannot be written to: {System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(error)}",
        };
    }
}
