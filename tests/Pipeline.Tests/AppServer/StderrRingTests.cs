using System.Text;
using CodexCompanion.Pipeline.AppServer;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.AppServer;

public sealed class StderrRingTests
{
    private readonly StderrRing _ring = new(new SecretMask(new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["OPENAI_API_KEY"] = "sk-canary-1",
        ["OTHER_TOKEN"] = "sk-canary-1-and-more",
        ["FLAG_KEY"] = "1",
        ["HTTPS_PROXY"] = "http://user:canary@proxy:3128",
        ["PATH"] = "/usr/bin:/bin",
    }));

    [Fact]
    public void An_empty_ring_has_no_last_words()
    {
        Assert.Equal("", _ring.Tail);
        Assert.Null(_ring.LastWords);
    }

    [Fact]
    public void The_oldest_goes_when_it_is_full()
    {
        Add(new string('a', 60_000));
        Add(new string('b', 60_000) + "end");
        Assert.Equal(new string('a', StderrRing.Capacity - 60_003) + new string('b', 60_000) + "end", _ring.Tail);
    }

    [Fact]
    public void A_ring_that_is_just_full_is_whole()
    {
        Add("x" + new string('y', StderrRing.Capacity - 1));
        Assert.StartsWith("xy", _ring.Tail, StringComparison.Ordinal);
        Assert.Equal(StderrRing.Capacity, _ring.Tail.Length);
    }

    [Fact]
    public void Colours_and_control_characters_are_left_out()
    {
        Add("\e[2m2026\e[0m \e[31mERROR\e[0m\r \a\b\ttext\n\e[");
        Assert.Equal("2026 ERROR \ttext\n", _ring.Tail);
    }

    [Fact]
    public void The_last_words_are_the_last_three_lines_that_say_something()
    {
        Add("one\n\ntwo\n   \nthree\r\nfour\n\n");
        Assert.Equal("two / three / four", _ring.LastWords);
        Add(new string('z', 5000));
        Assert.Equal("…" + new string('z', 400), _ring.LastWords);
    }

    [Fact]
    public void Secrets_of_its_environment_are_left_out()
    {
        Add("key sk-canary-1, token sk-canary-1-and-more, proxy http://user:canary@proxy:3128, 1 in /usr/bin:/bin");
        Assert.Equal("key [secret], token [secret], proxy http://[secret]@proxy:3128, 1 in /usr/bin:/bin", _ring.Tail);
        Assert.DoesNotContain("canary", _ring.LastWords, StringComparison.Ordinal);
    }

    [Fact]
    public void A_character_cut_by_the_ring_does_no_harm()
    {
        Add(string.Concat(Enumerable.Repeat("ü", StderrRing.Capacity)) + "!");
        Assert.EndsWith("üü!", _ring.Tail, StringComparison.Ordinal);
    }

    private void Add(string text) => _ring.Add(Encoding.UTF8.GetBytes(text));
}
