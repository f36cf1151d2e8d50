using CodexCompanion.Pipeline.Turns;
using Xunit;

namespace CodexCompanion.Tool.Tests;

public sealed class ExitCodesTests
{
    [Theory]
    [InlineData(FailureKind.TurnFailed, 1)]
    [InlineData(FailureKind.Refused, 1)]
    [InlineData(FailureKind.ThreadNotFound, 1)]
    [InlineData(FailureKind.CodexMissing, 4)]
    [InlineData(FailureKind.CodexTooOld, 4)]
    [InlineData(FailureKind.CodexBroken, 4)]
    [InlineData(FailureKind.NotLoggedIn, 4)]
    [InlineData(FailureKind.UsageLimit, 5)]
    [InlineData(FailureKind.Capacity, 5)]
    [InlineData(FailureKind.Busy, 6)]
    [InlineData(FailureKind.ConnectionLost, 7)]
    [InlineData(FailureKind.TimeLimit, 124)]
    [InlineData(FailureKind.Stalled, 124)]
    [InlineData(FailureKind.Internal, 1)]
    public void Every_failure_has_its_documented_exit_code(FailureKind kind, int exitCode) => Assert.Equal(exitCode, ExitCodes.Of(kind));

    [Fact]
    public void No_kind_of_failure_is_forgotten() => Assert.Equal(14, Enum.GetValues<FailureKind>().Length);
}
