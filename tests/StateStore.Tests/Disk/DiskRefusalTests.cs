using CodexCompanion.StateStore.Disk;

namespace CodexCompanion.StateStore.Tests.Disk;

public sealed class DiskRefusalTests
{
    [Theory]
    [InlineData("No space left on device : '/state/.jobs.json.4711-0a1b.tmp'", "No space left on device")]
    [InlineData("The directory '/state' is not empty", "The directory '/state' is not empty")]
    [InlineData("It says 'no'", "It says 'no'")]
    public void The_reason_comes_without_the_path_of_a_temporary_file(string message, string reason) =>
        Assert.Equal(reason, DiskRefusal.Of(new IOException(message)));
}
