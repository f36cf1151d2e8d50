using CodexCompanion.Tool.Selftest.Simulator.Journal;
using Xunit;

namespace CodexCompanion.Tool.Tests.Selftest.Simulator;

public sealed class AppendOnlyFileTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"append-only-{Guid.NewGuid():N}");

    public void Dispose() => File.Delete(_path);

    [Fact]
    public async Task A_reader_waits_for_who_is_adding_a_line()
    {
        AppendOnlyFile.Append(_path, "one"u8);
        Task<IReadOnlyList<string>> reading;
        using (new FileStream(_path, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            var began = new TaskCompletionSource();
            reading = Task.Run(() =>
            {
                began.SetResult();
                return AppendOnlyFile.ReadLines(_path);
            });
            await began.Task;
            await Task.WhenAny(reading, Task.Delay(50));
        }

        Assert.Equal(["one"], await reading);
    }

    [Fact]
    public async Task Lines_of_several_writers_are_all_there_whoever_reads_meanwhile()
    {
        var writers = Enumerable.Range(0, 4).Select(writer => Task.Run(() =>
        {
            for (var line = 0; line < 50; line++)
                AppendOnlyFile.Append(_path, System.Text.Encoding.UTF8.GetBytes($"{writer}-{line}"));
        }));
        var all = Task.WhenAll(writers);
        while (!all.IsCompleted)
            Assert.All(AppendOnlyFile.ReadLines(_path), line => Assert.Contains('-', line));
        await all;
        Assert.Equal(200, AppendOnlyFile.ReadLines(_path).Distinct().Count());
    }
}
