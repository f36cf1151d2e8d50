using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Tests.Support;

namespace CodexCompanion.StateStore.Tests.Disk;

public sealed class PrivateDirectoryTests : IDisposable
{
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void A_missing_one_is_created_private()
    {
        Assert.Null(PrivateDirectory.Ensure(NativeDisk.Instance, _temp["a/b/c"]));
        Assert.Equal(NativeDisk.PrivateFolder, File.GetUnixFileMode(_temp["a/b/c"]));
    }

    [Fact]
    public void One_of_ours_that_others_could_enter_is_closed()
    {
        var folder = _temp.Folder("open");
        File.SetUnixFileMode(folder, NativeDisk.PrivateFolder | UnixFileMode.GroupRead | UnixFileMode.OtherExecute);
        Assert.Null(PrivateDirectory.Ensure(NativeDisk.Instance, folder));
        Assert.Equal(NativeDisk.PrivateFolder, File.GetUnixFileMode(folder));
    }

    [Fact]
    public void A_shared_temp_folder_is_refused_and_left_open()
    {
        var folder = _temp.Folder("tmp");
        var shared = NativeDisk.PrivateFolder | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute | UnixFileMode.StickyBit;
        File.SetUnixFileMode(folder, shared);
        Assert.Contains("shared", PrivateDirectory.Ensure(NativeDisk.Instance, folder), StringComparison.Ordinal);
        Assert.Equal(shared, File.GetUnixFileMode(folder));
    }

    [Fact]
    public void A_foreign_one_is_refused()
    {
        var folder = _temp.Folder("foreign");
        Assert.Contains("belongs to user", PrivateDirectory.Ensure(DiskWithFacts.WithForeign(folder), folder), StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_is_refused_even_to_a_private_folder_of_ours()
    {
        Directory.CreateSymbolicLink(_temp["link"], _temp.Folder("real"));
        Assert.Contains("symbolic link", PrivateDirectory.Ensure(NativeDisk.Instance, _temp["link"]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_in_its_place_or_above_is_refused()
    {
        File.WriteAllText(_temp["file"], "");
        Assert.NotNull(PrivateDirectory.Ensure(NativeDisk.Instance, _temp["file"]));
        Assert.NotNull(PrivateDirectory.Ensure(NativeDisk.Instance, _temp["file/below"]));
    }

    [Fact]
    public void One_that_cannot_be_created_is_refused_with_the_reason() =>
        Assert.Contains("/proc/no-such-folder", PrivateDirectory.Ensure(NativeDisk.Instance, "/proc/no-such-folder/state"), StringComparison.Ordinal);
}
