using System.Net.Sockets;

namespace CodexCompanion.EndToEnd.Tests.Harness;

/// <summary>The checks after each test are only worth something if they find what is left.</summary>
public sealed class HarnessTests
{
    private static readonly Dictionary<string, string> Plain = new(StringComparer.Ordinal) { ["PATH"] = "/usr/bin:/bin" };

    [LinuxFact]
    public async Task A_process_that_is_left_running_is_found_by_its_environment_and_ended()
    {
        await using var home = PrivateHome.Create();
        await using var left = RunningProgram.Start("/bin/sleep", ["300"], home.Environ(), "/");

        var found = Assert.Single(home.Processes());
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => home.NothingIsLeftAsync(TimeSpan.FromMilliseconds(100)));

        Assert.Equal(left.Pid, found.Pid);
        Assert.Contains("sleep 300", failure.Message, StringComparison.Ordinal);
        await Eventually.TrueAsync(() => !ProcessTable.Lives(left.Pid), "the process has been ended");
    }

    [LinuxFact]
    public async Task A_socket_that_is_left_lying_about_is_found()
    {
        await using var home = PrivateHome.Create();
        var path = Path.Combine(home.State, "left.sock");
        using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            socket.Bind(new UnixDomainSocketEndPoint(path));
            var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => home.NothingIsLeftAsync());
            Assert.Contains(path, failure.Message, StringComparison.Ordinal);
        }

        await home.NothingIsLeftAsync();
    }

    [LinuxFact]
    public async Task A_child_that_holds_the_output_open_is_noticed()
    {
        await using var home = PrivateHome.Create();
        await using var program = RunningProgram.Start("/bin/sh", ["-c", "sleep 300 & echo $!"], home.Environ(), "/");

        var failure = await Assert.ThrowsAsync<TimeoutException>(() => program.EndAsync());

        Assert.Contains("holds its stdout", failure.Message, StringComparison.Ordinal);
        Signals.Send(int.Parse(program.OutputSoFar), Signal.Kill);
    }

    [LinuxFact]
    public async Task A_client_is_cut_off_while_both_sides_live()
    {
        await using var home = PrivateHome.Create();
        var path = Path.Combine(home.State, "server.sock");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        var environment = home.Environ();
        environment["PATH"] = Environment.GetEnvironmentVariable("PATH")!;
        await using (var client = RunningProgram.Start("/usr/bin/env", ["node", "-e", "require('net').connect(process.argv[1]).on('end', () => console.log('cut'))", path], environment, "/"))
        {
            using var server = await listener.AcceptAsync();

            Assert.Equal(1, ConnectionCutter.Cut(client.Pid, home.Root));

            Assert.Equal(0, await server.ReceiveAsync(new byte[1]));
            Assert.Equal("cut\n", (await client.EndAsync()).Output);
        }

        listener.Dispose();
        File.Delete(path);
    }

    [LinuxFact]
    public async Task A_program_gets_its_input_its_environment_and_signals_and_nothing_else()
    {
        await using var program = RunningProgram.Start("/bin/sh", ["-c", "cat; env; echo to stderr >&2; kill -STOP $$; exit 7"], Plain, "/", "typed in\n");
        await Eventually.TrueAsync(() => program.ErrorSoFar.Length > 0, "it has spoken");

        program.Send(Signal.Interrupt);
        program.Send(Signal.Continue);
        var run = await program.EndAsync();

        Assert.Equal(130, run.ExitCode);
        Assert.Equal("to stderr\n", run.Error);
        var lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith("_=", StringComparison.Ordinal));
        Assert.Equal("PATH=/usr/bin:/bin PWD=/ typed in", string.Join(' ', lines.Order(StringComparer.Ordinal)));
    }
}
