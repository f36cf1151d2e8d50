using System.Runtime.InteropServices;
using System.Text;
using CodexCompanion.Tool.Rendering;
using Xunit;

namespace CodexCompanion.Tool.Tests.Rendering;

/// <summary>Real pipes, made non-blocking as Node makes its own. Linux only: the numbers of the flags differ elsewhere.</summary>
public sealed partial class DescriptorStreamTests
{
    private const int SetFlags = 4;
    private const int NonBlocking = 0x800;

    [Fact]
    public async Task A_non_blocking_pipe_is_read_to_its_end()
    {
        if (!OperatingSystem.IsLinux())
            return;
        var (read, write) = Pipe();
        var content = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("0123456789\u00e4\n", 70_000)));
        using var input = new DescriptorStream(read, forReading: true);
        var reading = Task.Run(() =>
        {
            using var all = new MemoryStream();
            input.CopyTo(all);
            return all.ToArray();
        });

        // Both ends are non-blocking: the writer has to wait for the reader, and the reader for the writer.
        using (var output = new DescriptorStream(write, forReading: false))
        {
            foreach (var part in content.Chunk(10_007))
            {
                output.Write(part);
                await Task.Yield();
            }
        }

        Assert.Equal(0, Close(write));
        Assert.Equal(content, await reading.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Equal(0, Close(read));
    }

    [Fact]
    public void A_reader_that_has_gone_is_told()
    {
        if (!OperatingSystem.IsLinux())
            return;
        var (read, write) = Pipe();
        Assert.Equal(0, Close(read));
        using var output = new DescriptorStream(write, forReading: false);
        Assert.Throws<IOException>(() => output.Write("result"u8));
        Assert.Equal(0, Close(write));
    }

    [Fact]
    public void A_stderr_that_nobody_reads_is_no_reason_to_stop()
    {
        if (!OperatingSystem.IsLinux())
            return;
        var (read, write) = Pipe();
        Assert.Equal(0, Close(read));
        var streams = new StandardStreams(() => Stream.Null, () => Stream.Null, () => new DescriptorStream(write, forReading: false));
        streams.WriteErrorLine("one");
        streams.WriteErrorLine("two");
        Assert.Equal(0, Close(write));
    }

    private static (int Read, int Write) Pipe()
    {
        var ends = new int[2];
        Assert.Equal(0, MakePipe(ends));
        Assert.Equal(0, Control(ends[0], SetFlags, NonBlocking));
        Assert.Equal(0, Control(ends[1], SetFlags, NonBlocking));
        return (ends[0], ends[1]);
    }

    [LibraryImport("libc", EntryPoint = "pipe")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int MakePipe([In, Out] int[] ends);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Control(int descriptor, int command, int argument);

    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int descriptor);
}
