using System.Text;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Tests.Support;

namespace CodexCompanion.StateStore.Tests;

public sealed class SocketPathTests : IDisposable
{
    private const string Instance = "0123456789ab";

    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Sockets_lie_in_a_private_folder_of_the_sessions_runtime_folder()
    {
        var ready = Assert.IsType<SocketPath.Ready>(Create(runtime: _temp.Path, temp: _temp.Folder("tmp")));
        Assert.Equal(_temp["codex-companion/0123456789ab.sock"], ready.Endpoint);
        Assert.Equal(NativeDisk.PrivateFolder, File.GetUnixFileMode(_temp["codex-companion"]));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("relative")]
    [InlineData("/no/such/folder")]
    public void Without_a_usable_runtime_folder_they_lie_in_temp_under_the_users_number(string? runtime)
    {
        var ready = Assert.IsType<SocketPath.Ready>(Create(runtime, _temp.Path));
        Assert.Equal(_temp[$"codex-companion-{NativeDisk.Instance.User}/{Instance}.sock"], ready.Endpoint);
    }

    [Fact]
    public async Task A_relative_temp_folder_is_passed_over_since_the_broker_would_look_for_it_elsewhere()
    {
        // In a process of its own: the runtime, too, would take its TMPDIR for the folder.
        using var process = new TestProcess(new Dictionary<string, string>(StringComparer.Ordinal) { ["TMPDIR"] = "relative", ["XDG_RUNTIME_DIR"] = "" }, "socket-folder");
        Assert.Equal($"/tmp/codex-companion-{NativeDisk.Instance.User}", await process.ReadLineAsync());
        Assert.Equal(0, await process.FinishAsync());
    }

    [Fact]
    public void A_foreign_runtime_folder_is_not_used()
    {
        var runtime = _temp.Folder("run");
        var path = SocketPath.TryCreate(Instance, Environment(runtime, _temp.Path), DiskWithFacts.WithForeign(runtime));
        Assert.StartsWith(_temp["codex-companion-"], Assert.IsType<SocketPath.Ready>(path).Endpoint, StringComparison.Ordinal);
    }

    [Fact]
    public void A_runtime_folder_that_is_too_long_gives_way_to_temp()
    {
        var ready = Assert.IsType<SocketPath.Ready>(Create(_temp.Folder(new string('r', 100)), _temp.Path));
        Assert.DoesNotContain("rrr", ready.Endpoint, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_long_is_an_answer_and_nothing_is_created()
    {
        var temp = _temp.Folder(new string('t', 100));
        var tooLong = Assert.IsType<SocketPath.TooLong>(Create(runtime: null, temp));
        Assert.Equal(Encoding.UTF8.GetByteCount(tooLong.Path), tooLong.Bytes);
        Assert.Empty(Directory.EnumerateFileSystemEntries(temp));
    }

    [Fact]
    public void The_limit_counts_bytes_and_fits_exactly()
    {
        var rest = SocketPath.Limit - Encoding.UTF8.GetByteCount(_temp.Path + "/") - $"/codex-companion/{Instance}.sock".Length;
        var fits = _temp.Folder(new string('x', (rest % 2) + 2) + new string('é', (rest / 2) - 1));
        var ready = Assert.IsType<SocketPath.Ready>(Create(fits, temp: _temp.Folder(new string('t', 100))));
        Assert.Equal(SocketPath.Limit, Encoding.UTF8.GetByteCount(ready.Endpoint));
        Assert.IsType<SocketPath.TooLong>(Create(_temp.Folder(Path.GetFileName(fits) + "y"), _temp.Folder(new string('t', 100))));
    }

    [Fact]
    public void A_link_in_its_place_is_refused()
    {
        Directory.CreateSymbolicLink(_temp[$"codex-companion-{NativeDisk.Instance.User}"], _temp.Folder("elsewhere"));
        Assert.Contains("symbolic link", Assert.IsType<SocketPath.Refused>(Create(null, _temp.Path)).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void An_instance_id_never_leads_out_of_the_folder() =>
        Assert.Throws<ArgumentException>(() => SocketPath.TryCreate("../x", Environment(null, _temp.Path), NativeDisk.Instance));

    private static SocketPath Create(string? runtime, string temp) => SocketPath.TryCreate(Instance, Environment(runtime, temp), NativeDisk.Instance);

    private static Func<string, string?> Environment(string? runtime, string temp) => name => name switch
    {
        "XDG_RUNTIME_DIR" => runtime,
        "TMPDIR" => temp,
        _ => null,
    };
}
