using System.Diagnostics;
using Xunit;

namespace CodexCompanion.Tool.Tests.Doctor;

/// <summary>A test that mounts a disk of its own, where the system lets an ordinary user do so in a namespace of their own.</summary>
internal sealed class MountFactAttribute : FactAttribute
{
    private static readonly Lazy<bool> Works = new(Try);

    public MountFactAttribute()
    {
        if (!Works.Value)
            Skip = "This system lets nobody mount in a namespace of their own.";
    }

    private static bool Try()
    {
        if (!OperatingSystem.IsLinux())
            return false;
        try
        {
            using var unshare = Process.Start(new ProcessStartInfo("unshare", ["-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]) { UseShellExecute = false, RedirectStandardError = true })!;
            unshare.WaitForExit();
            return unshare.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false; // There is no such program.
        }
    }
}
