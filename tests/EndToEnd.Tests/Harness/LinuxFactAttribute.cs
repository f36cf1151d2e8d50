namespace CodexCompanion.EndToEnd.Tests.Harness;

/// <summary>A test that looks at processes through /proc.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LinuxFactAttribute : FactAttribute
{
    public override string? Skip { get => OperatingSystem.IsLinux() ? null : "looks at processes through /proc: Linux only"; set => base.Skip = value; }
}
