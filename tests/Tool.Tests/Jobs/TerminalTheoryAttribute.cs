using Xunit;

namespace CodexCompanion.Tool.Tests.Jobs;

/// <summary>The same as <see cref="TerminalFactAttribute"/>, once for each set of data.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TerminalTheoryAttribute : TheoryAttribute
{
    public TerminalTheoryAttribute() => Skip = new TerminalFactAttribute().Skip;
}
