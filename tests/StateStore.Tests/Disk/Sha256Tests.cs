using System.Security.Cryptography;
using System.Text;
using CodexCompanion.StateStore.Disk;

namespace CodexCompanion.StateStore.Tests.Disk;

public sealed class Sha256Tests
{
    // FIPS 180-4, examples.
    [Theory]
    [InlineData("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    public void The_standard_s_examples_come_out(string text, string expected) =>
        Assert.Equal(expected, Convert.ToHexStringLower(Sha256.Hash(Encoding.UTF8.GetBytes(text))));

    [Fact]
    public void Every_length_around_the_block_gives_what_the_library_gives()
    {
        for (var length = 0; length < 300; length++)
        {
            var data = new byte[length];
            new Random(length).NextBytes(data);
            Assert.Equal(SHA256.HashData(data), Sha256.Hash(data));
        }
    }
}
