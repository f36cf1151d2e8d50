using System.Runtime.Versioning;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Rendering;
using Xunit;

namespace CodexCompanion.Tool.Tests.Doctor;

[UnsupportedOSPlatform("windows")]
public sealed class DoctorTextTests : IDisposable
{
    private const char Escape = '\u001b';
    private readonly DoctorBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Elsewhere_than_on_a_terminal_there_are_plain_lines()
    {
        Damage();
        var text = (await _bench.Bench.RunAsync("doctor")).Out;
        Assert.DoesNotContain(Escape, text);
        Assert.Contains("\nState\n  ok  state-directory   private, writable\n", text, StringComparison.Ordinal);
        Assert.Contains("  !!  broker-record     broker.json is empty\n        repaired: set aside as quarantine/broker.json.", text, StringComparison.Ordinal);
        Assert.Contains("\nTo take this back: codex-companion doctor --undo\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(60)]
    [InlineData(40)]
    public async Task On_a_terminal_no_line_but_a_command_is_wider_than_it(int width)
    {
        Damage();
        var text = await OnTerminalAsync(width, []);
        Assert.Contains(Escape, text);
        Assert.All(
            text.Split('\n').Where(line => !line.Contains("$ ", StringComparison.Ordinal) && !line.Contains(_bench.Bench.Root, StringComparison.Ordinal)),
            line => Assert.True(DoctorStyle.Visible(line) <= width || !line.Trim().Contains(' ', StringComparison.Ordinal), $"{DoctorStyle.Visible(line)}: {line}"));
    }

    [Theory]
    [InlineData("NO_COLOR", "1")]
    [InlineData("TERM", "dumb")]
    public async Task Colour_may_be_refused(string name, string value)
    {
        Damage();
        _bench.Bench.Variables[name] = value;
        Assert.DoesNotContain(Escape, await OnTerminalAsync(80, ["--dry-run"]));
    }

    [Fact]
    public async Task The_list_of_checks_has_each_of_them()
    {
        var text = (await _bench.Bench.RunAsync("doctor", "--list-checks")).Out;
        var json = (await _bench.Bench.RunAsync("doctor", "--list-checks", "--json")).Json;
        foreach (var check in json.GetProperty("checks").EnumerateArray())
            Assert.Contains("\n  " + check.GetProperty("id").GetString(), text, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_bench.Paths.Root));
    }

    [Fact]
    public async Task What_a_file_says_cannot_steer_the_terminal()
    {
        _bench.Store.EnsureCreated();
        var path = Path.Combine(_bench.Paths.JobsDirectory, "x\u001b[31mred\nline");
        File.WriteAllText(path, "");
        Assert.DoesNotContain(Escape, (await _bench.Bench.RunAsync("doctor", "--dry-run")).Out);
        Assert.DoesNotContain("\u001b[31mred", await OnTerminalAsync(80, ["--dry-run"]), StringComparison.Ordinal);
    }

    // A sequence without its end once kept the count of columns going round for ever.
    [Fact]
    public async Task Nor_can_the_path_of_the_state()
    {
        _bench.Bench.Variables["CODEX_COMPANION_STATE_DIR"] = Path.Combine(_bench.Bench.Root, "s\u001b[7");
        var text = await Task.Run(() => OnTerminalAsync(40, ["--dry-run", "--check", "permissions"])).WaitAsync(TimeSpan.FromSeconds(60));
        Assert.DoesNotContain("\u001b[7", text, StringComparison.Ordinal);
        Assert.Equal(3, DoctorStyle.Visible("s\u001b[7"));
    }

    private void Damage()
    {
        _bench.Job("task-a");
        File.WriteAllText(_bench.Paths.BrokerFile, "");
        File.SetUnixFileMode(_bench.Paths.BrokerFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllText(_bench.Paths.JobFile("task-a"), "{");
        _bench.Bench.Variables["CODEX_COMPANION_MODLE"] = "x";
    }

    private async Task<string> OnTerminalAsync(int width, string[] options)
    {
        using var output = new MemoryStream();
        var host = _bench.Bench.Host(output, Stream.Null) with
        {
            Streams = new StandardStreams(() => Stream.Null, () => output, () => Stream.Null) { OutputIsTerminal = () => true, OutputWidth = () => width },
        };
        await Entry.RunAsync(CommandCatalog.Root, ["doctor", .. options], host);
        return System.Text.Encoding.UTF8.GetString(output.ToArray());
    }
}
