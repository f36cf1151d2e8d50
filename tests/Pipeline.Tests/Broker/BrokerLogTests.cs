using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Tests.Processes;
using CodexCompanion.Pipeline.Tests.Support;
using CodexCompanion.Pipeline.Tests.Turns;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Broker;

public sealed class BrokerLogTests : IDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly ManualTime _time = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_line_tells_when_who_and_what()
    {
        _time.Advance(TimeSpan.FromMilliseconds(1234));
        Log("abc").Write("started");

        Assert.Equal(["[2030-01-01T00:00:01.234Z] abc started"], File.ReadAllLines(Path));
    }

    [Fact]
    public void What_has_several_lines_is_written_as_one()
    {
        Log().Write("one\r\ntwo\nthree\u2028four");

        Assert.EndsWith("one two three four", Assert.Single(File.ReadAllLines(Path)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_draining_broker_and_its_successor_do_not_overwrite_each_others_lines()
    {
        var (old, next) = (Log("old"), Log("next"));
        for (var n = 0; n < 50; n++)
        {
            old.Write($"line {n} of the old one");
            next.Write($"line {n} of the next, a little longer");
        }

        var lines = File.ReadAllLines(Path);
        Assert.Equal(100, lines.Length);
        Assert.All(lines, line => Assert.Matches(@"^\[[^]]+Z\] (?:old line \d+ of the old one|next line \d+ of the next, a little longer)$", line));
    }

    [Fact]
    public void A_file_that_is_full_is_kept_once_and_begun_anew()
    {
        var log = Log();
        for (var n = 0; n < 2600; n++)
            log.Write($"{n:00000} {new string('x', 994)}");

        Assert.InRange(new FileInfo(Path).Length, 1, 1024 * 1024 + 2000);
        Assert.InRange(new FileInfo(Path + ".1").Length, 1024 * 1024, 1024 * 1024 + 2000);
        Assert.Equal(2, Directory.GetFiles(_folder.Path).Length);
        Assert.Contains(" 02599 ", File.ReadAllLines(Path)[^1], StringComparison.Ordinal);
    }

    [LinuxFact]
    public void Only_the_user_may_read_it_also_after_it_was_begun_anew()
    {
        var log = Log();
        for (var n = 0; n < 1100; n++)
            log.Write(new string('x', 1000));

        Assert.All(Directory.GetFiles(_folder.Path), file => Assert.True(PrivateFile.Is(file)));
    }

    [Fact]
    public void A_log_whose_folder_is_gone_harms_nobody_and_goes_on_when_it_is_back()
    {
        var folder = _folder["logs"];
        var log = new BrokerLog(System.IO.Path.Combine(folder, "broker.log"), "abc", _time);
        log.Write("lost");
        Directory.CreateDirectory(folder);
        log.Write("kept");

        Assert.EndsWith("kept", Assert.Single(File.ReadAllLines(log.Path)), StringComparison.Ordinal);
    }

    private string Path => _folder["broker.log"];

    private BrokerLog Log(string instance = "abc") => new(Path, instance, _time);
}
