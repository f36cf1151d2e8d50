using Xunit;

namespace CodexCompanion.Tool.Tests;

/// <summary>A test that stands on Linux: its processes, its shell, or its signals.</summary>
internal sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute()
    {
        if (!OperatingSystem.IsLinux())
            Skip = LinuxTheoryAttribute.Why;
    }
}
