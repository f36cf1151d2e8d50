using Xunit;

namespace CodexCompanion.Pipeline.Tests.Processes;

/// <summary>A test that takes on another user, which root may do on Linux.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RootFactAttribute : FactAttribute
{
    public override string? Skip
    {
        get => OperatingSystem.IsLinux() && string.Equals(Environment.UserName, "root", StringComparison.Ordinal) ? null : "takes on another user: Linux and root only";
        set => base.Skip = value;
    }
}
