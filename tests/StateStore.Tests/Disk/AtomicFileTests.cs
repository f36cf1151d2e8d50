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
        new AtomicFile(new FaultyFileSystem(faults), new FaultyDisk(NativeDisk.Instance, faults)).Write(Target, "x"u8);
        Assert.Equal(NativeDisk.PrivateFile, seen);
    }

    private FaultPlan Write(int failAt)
    {
        var faults = new FaultPlan(failAt, point => throw new IOException($"No space left on device at {point}", DiskFull));
        new AtomicFile(new FaultyFileSystem(faults), new FaultyDisk(NativeDisk.Instance, faults)).Write(Target, "new content"u8);
        return faults;
    }
}
