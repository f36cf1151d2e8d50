using Xunit;

namespace CodexCompanion.Tool.Tests;

/// <summary>The same as <see cref="LinuxFactAttribute"/>, once for each set of data.</summary>
internal sealed class LinuxTheoryAttribute : TheoryAttribute
{
    /// <summary>Why it is skipped elsewhere.</summary>
    public const string Why = "It stands on processes, a shell or signals as Linux has them.";

    public LinuxTheoryAttribute()
    {
        if (!OperatingSystem.IsLinux())
            Skip = Why;
    }
}
