using System.IO.Abstractions;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Tests.Support;

namespace CodexCompanion.StateStore.Tests.Disk;

public sealed class QuarantineTests : IDisposable
{
    private readonly TempFolder _temp = new();
    private readonly Quarantine _quarantine;

    public QuarantineTests() => _quarantine = new Quarantine(new FileSystem(), NativeDisk.Instance, _temp.Folder("quarantine"), new FakeClock());

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void A_file_goes_under_its_name_with_the_time_in_utc()
    {
        File.WriteAllText(_temp["broker.json"], "damaged");
        Assert.Equal(_temp["quarantine/broker.json.20261122T101500Z"], _quarantine.Move(_temp["broker.json"]));
        Assert.Equal("damaged", File.ReadAllText(_temp["quarantine/broker.json.20261122T101500Z"]));
        Assert.False(File.Exists(_temp["broker.json"]));
    }

    [Fact]
    public void Things_set_aside_in_the_same_second_never_lie_on_one_another()
    {
        for (var i = 0; i < 3; i++)
        {
            File.WriteAllText(_temp["broker.json"], $"{i}");
            _quarantine.Move(_temp["broker.json"]);
        }

        var contents = Directory.EnumerateFiles(_temp["quarantine"]).Select(File.ReadAllText).Order(StringComparer.Ordinal);
        Assert.Equal(["0", "1", "2"], contents);
    }

    [Fact]
    public void Folders_pipes_and_links_are_moved_as_they_are()
    {
        File.WriteAllText(Path.Combine(_temp.Folder("folder"), "inside"), "x");
        Shell.MakePipe(_temp["pipe"]);
        File.CreateSymbolicLink(_temp["link"], "/nowhere");
        foreach (var name in (string[])["folder", "pipe", "link"])
            Assert.NotNull(_quarantine.Move(_temp[name]));
        Assert.True(File.Exists(_temp["quarantine/folder.20261122T101500Z/inside"]));
        Assert.Equal(FileKind.Special, NativeDisk.Instance.Look(_temp["quarantine/pipe.20261122T101500Z"])!.Kind);
        Assert.Equal(FileKind.Link, NativeDisk.Instance.Look(_temp["quarantine/link.20261122T101500Z"])!.Kind);
        Assert.Equal([_temp["quarantine"]], Directory.EnumerateFileSystemEntries(_temp.Path));
    }

    [Fact]
    public void Nothing_there_is_nothing_to_set_aside() => Assert.Null(_quarantine.Move(_temp["broker.json"]));
}
