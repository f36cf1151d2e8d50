namespace CodexCompanion.EndToEnd.Tests.Harness;

/// <summary>As <see cref="LinuxFactAttribute"/>, with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LinuxTheoryAttribute : TheoryAttribute
{
    public override string? Skip { get => OperatingSystem.IsLinux() ? null : "looks at processes through /proc: Linux only"; set => base.Skip = value; }
}
