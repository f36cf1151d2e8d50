using Xunit;

namespace CodexCompanion.Pipeline.Tests.Processes;

/// <summary>A test that looks at a process from outside, through /proc.</summary>
public sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute()
    {
        if (!OperatingSystem.IsLinux())
            Skip = "It looks at processes through /proc, which only Linux has.";
    }
}

/// <summary>The same, once for each set of data.</summary>
public sealed class LinuxTheoryAttribute : TheoryAttribute
{
    public LinuxTheoryAttribute()
    {
        if (!OperatingSystem.IsLinux())
            Skip = "It looks at processes through /proc, which only Linux has.";
    }
}
