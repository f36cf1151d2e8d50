using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Tests.Support;
using CodexCompanion.TestProcesses;

namespace CodexCompanion.StateStore.Tests.Disk;

public sealed class AtomicFileTests : IDisposable
{
    private const int DiskFull = 28; // ENOSPC

    private readonly TempFolder _temp = new();

    private string Target => _temp["file.json"];

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void A_file_is_written_flushed_renamed_and_its_folder_flushed_in_this_order()
    {
        var faults = Write(failAt: 0);
        Assert.Equal(
            [
                "before create", "after create", "before write", "half written", "after write", "before flush", "after flush",
                "before rename", "after rename", "before sync folder", "after sync folder",
            ],
            faults.Points);
        Assert.Equal("new content", File.ReadAllText(Target));
        Assert.Equal(NativeDisk.PrivateFile, File.GetUnixFileMode(Target));
    }

    [Fact]
    public void A_full_disk_at_any_point_leaves_the_old_or_the_new_file_and_nothing_beside_it()
    {
        var points = Write(failAt: 0).Points.Count;
        for (var n = 1; n <= points; n++)
        {
            File.WriteAllText(Target, "old content");
            Assert.Throws<IOException>(() => Write(n));
            Assert.Contains(File.ReadAllText(Target), (string[])["old content", "new content"]);
            Assert.Equal(["file.json"], Directory.EnumerateFileSystemEntries(_temp.Path).Select(Path.GetFileName));
        }
    }

    [Fact]
    public void A_temp_file_is_private_from_its_first_moment()
    {
        UnixFileMode? seen = null;
        var faults = new FaultPlan(2, _ => seen = File.GetUnixFileMode(Directory.EnumerateFiles(_temp.Path).Single()));
        new AtomicFile(new FaultyFileSystem(faults), new FaultyDisk(NativeDisk.Instance, faults)).Write(Target, "x"u8.ToArray());
        Assert.Equal(NativeDisk.PrivateFile, seen);
    }

    [Fact]
    public void Files_written_together_are_all_on_the_disk_before_one_is_replaced_and_a_folder_is_flushed_once()
    {
        Assert.Equal(
            [
                "create", "write", "create", "write", "flush", "flush", "rename", "rename", "sync folder",
            ],
            Write(failAt: 0, "first.json", "second.json").Points.Where(point => point.StartsWith("after ", StringComparison.Ordinal)).Select(point => point[6..]));
    }

    [Fact]
    public void A_full_disk_replaces_none_of_the_files_that_are_written_together()
    {
        var points = Write(failAt: 0, "first.json", "second.json").Points.ToList();
        for (var n = 1; n <= points.IndexOf("after flush") + 3; n++)
        {
            File.WriteAllText(_temp["first.json"], "old content");
            File.WriteAllText(_temp["second.json"], "old content");
            Assert.Throws<IOException>(() => Write(n, "first.json", "second.json"));
            Assert.Equal("old content", File.ReadAllText(_temp["first.json"]));
            Assert.Equal("old content", File.ReadAllText(_temp["second.json"]));
            Assert.Equal(["first.json", "second.json"], Directory.EnumerateFileSystemEntries(_temp.Path).Select(Path.GetFileName).Order());
        }
    }

    private FaultPlan Write(int failAt, params string[] names)
    {
        var faults = new FaultPlan(failAt, point => throw new IOException($"No space left on device at {point}", DiskFull));
        var contents = (names.Length == 0 ? [Target] : names.Select(name => _temp[name])).Select(path => new FileContent(path, "new content"u8.ToArray()));
        new AtomicFile(new FaultyFileSystem(faults), new FaultyDisk(NativeDisk.Instance, faults)).Write([.. contents]);
        return faults;
    }
}
