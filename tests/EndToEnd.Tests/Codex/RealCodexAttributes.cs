using System.Reflection;
using Xunit.Sdk;

namespace CodexCompanion.EndToEnd.Tests.Codex;

/// <summary>A test with the real codex. Skipped where it cannot be had, but never when CI=true: there it fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RealCodexFactAttribute : FactAttribute
{
    public override string? Skip { get => Availability.SkipReason; set => base.Skip = value; }
}

/// <summary>As <see cref="RealCodexFactAttribute"/>, once with each version of <see cref="BothVersionsAttribute"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RealCodexTheoryAttribute : TheoryAttribute
{
    public override string? Skip { get => Availability.SkipReason; set => base.Skip = value; }
}

/// <summary>The newest codex and an old one.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class BothVersionsAttribute : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [[CodexInstall.Newest], [CodexInstall.Old]];
}

/// <summary>Both versions, each with every one of the given values.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class BothVersionsWithAttribute(params object[] values) : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) =>
        from version in (string[])[CodexInstall.Newest, CodexInstall.Old] from value in values select (object[])[version, value];
}

/// <summary>Whether the tests with the real codex can run here.</summary>
internal static class Availability
{
    private static readonly Lazy<string?> Reason = new(Find);

    /// <summary>Why they are skipped; null when they run.</summary>
    public static string? SkipReason => Reason.Value;

    private static string? Find()
    {
        if (!OperatingSystem.IsLinux())
            return "the end-to-end tests look at processes through /proc: Linux only";
        if (Environment.GetEnvironmentVariable("CI") is "true" || CodexInstall.Cached.Contains(Version.Parse(CodexInstall.Old)))
            return null;
        return Npm.NewestCodexAsync().GetAwaiter().GetResult() is null ? "npm cannot be reached, so there is no codex to test with" : null;
    }
}
