using Xunit;

namespace CodexCompanion.Pipeline.Tests.Steps;

public sealed class FallbackTests
{
    // What programs see in JSON and logs: a code once given stays.
    [Theory]
    [InlineData(FallbackReason.BrokerDisabled, "broker-disabled")]
    [InlineData(FallbackReason.LocksUnusable, "locks-unusable")]
    [InlineData(FallbackReason.SocketPathTooLong, "socket-path-too-long")]
    [InlineData(FallbackReason.SocketFolderUnusable, "socket-folder-unusable")]
    [InlineData(FallbackReason.FingerprintConflict, "fingerprint-conflict")]
    [InlineData(FallbackReason.BrokerBusy, "broker-busy")]
    [InlineData(FallbackReason.BrokerStarting, "broker-starting")]
    [InlineData(FallbackReason.BrokerUnresponsive, "broker-unresponsive")]
    [InlineData(FallbackReason.BrokerUnknown, "broker-unknown")]
    [InlineData(FallbackReason.BrokerStartFailed, "broker-start-failed")]
    [InlineData(FallbackReason.LostBeforeAcceptance, "lost-before-acceptance")]
    [InlineData(FallbackReason.LostAfterAcceptance, "lost-after-acceptance")]
    public void Each_reason_keeps_its_code(FallbackReason reason, string code) => Assert.Equal(code, new Fallback(reason).Code);

    [Fact]
    public void No_two_reasons_share_a_code_or_a_sentence()
    {
        var all = Enum.GetValues<FallbackReason>().Select(reason => new Fallback(reason)).ToList();

        Assert.Equal(all.Count, all.Select(f => f.Code).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(all.Count, all.Select(f => f.Sentence).Distinct(StringComparer.Ordinal).Count());
        Assert.All(all, f => Assert.EndsWith(".", f.Sentence, StringComparison.Ordinal));
    }

    [Fact]
    public void What_was_seen_stands_behind_the_reason() =>
        Assert.Equal("A broker could not be started. It exited with code 3.", new Fallback(FallbackReason.BrokerStartFailed, "It exited with code 3.").Sentence);
}
