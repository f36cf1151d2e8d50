namespace CodexCompanion.EndToEnd.Tests.Harness;

/// <summary>A test that gives things to another user, which root may do.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RootFactAttribute : FactAttribute
{
    public override string? Skip
    {
        get => OperatingSystem.IsLinux() && string.Equals(Environment.UserName, "root", StringComparison.Ordinal) ? null : "gives things to another user: Linux and root only";
        set => base.Skip = value;
    }
}
