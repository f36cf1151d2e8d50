using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using CodexCompanion.Pipeline.Processes;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Processes;

[SupportedOSPlatform("linux")]
public sealed partial class ChildProcessTests
{
    [LinuxFact]
    public async Task The_environment_is_exactly_the_one_given()
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["ONE"] = "1", ["TWO"] = "a b=ü", ["EMPTY"] = "" };
        var (output, _) = await Child.RunAsync(new ChildStart("/usr/bin/env", [], environment, "/"));
        Assert.Equal("EMPTY=\nONE=1\nTWO=a b=ü", string.Join('\n', output.TrimEnd('\n').Split('\n').Order(StringComparer.Ordinal)));
    }

    [LinuxFact]
    public async Task Arguments_arrive_as_they_are()
    {
        var (output, _) = await Child.RunAsync(new ChildStart("/usr/bin/printf", ["<%s>", "a b", "", "$HOME;'\"", "ü"], Child.Nothing, "/"));
        Assert.Equal("<a b><><$HOME;'\"><ü>", output);
    }

    [LinuxFact]
    public async Task No_inherited_descriptor_reaches_the_child()
    {
        using var folder = new ScratchFolder();
        using var file = File.OpenHandle(folder.Write("open", ""));

        // A duplicate is not close-on-exec, as what a careless parent hands down.
        var leaked = Duplicate((int)file.DangerousGetHandle());
        try
        {
            const string ListDescriptors = "ls /proc/$$/fd; true"; // Not the last command: the shell would become ls.
            var (output, _) = await Child.RunAsync(Child.Shell(ListDescriptors));
            Assert.Equal("0\n1\n2\n", output);

            // The same start by .NET shows that there was something to keep out.
            using var control = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", ListDescriptors]) { RedirectStandardOutput = true, UseShellExecute = false })!;
            Assert.Contains($"\n{leaked}\n", await control.StandardOutput.ReadToEndAsync(), StringComparison.Ordinal);
        }
        finally
        {
            CloseDescriptor(leaked);
        }
    }

    [LinuxFact]
    public async Task It_leads_a_session_of_its_own()
    {
        using var child = Child.Start(Child.Shell("cut -d ' ' -f 6 /proc/$$/stat; read line"));
        using var reader = new StreamReader(child.Output);
        Assert.Equal(child.Pid.ToString(CultureInfo.InvariantCulture), await reader.ReadLineAsync().WaitAsync(Wait.Limit));
    }

    [LinuxFact]
    public async Task No_signal_is_ignored_or_blocked_in_the_child()
    {
        var (output, _) = await Child.RunAsync(new ChildStart("/bin/cat", ["/proc/self/status"], Child.Nothing, "/"));
        var sets = output.Split('\n').Where(l => l.StartsWith("SigIgn", StringComparison.Ordinal) || l.StartsWith("SigBlk", StringComparison.Ordinal));
        Assert.All(sets, line => Assert.EndsWith(new string('0', 16), line, StringComparison.Ordinal));
        Assert.Equal(2, sets.Count());

        // .NET ignores SIGPIPE here, so there was something to reset.
        var own = await File.ReadAllLinesAsync("/proc/self/status");
        Assert.DoesNotContain(own, line => line.StartsWith("SigIgn", StringComparison.Ordinal) && line.EndsWith(new string('0', 16), StringComparison.Ordinal));
    }

    [LinuxFact]
    public async Task It_works_in_the_directory_given()
    {
        using var folder = new ScratchFolder();
        var (output, _) = await Child.RunAsync(Child.Shell("pwd -P", folder: folder.Path));
        Assert.Equal(folder.Path, output.Trim());
    }

    [LinuxFact]
    public async Task What_is_written_to_it_and_by_it_arrives_and_the_end_of_its_input_ends_it()
    {
        using var child = Child.Start(new ChildStart("/bin/cat", [], Child.Nothing, "/"));
        var sent = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("0123456789\n", 500_000)));
        var received = new MemoryStream();
        var reading = child.Output.CopyToAsync(received);
        await child.Input.WriteAsync(sent).AsTask().WaitAsync(Wait.Limit);
        Assert.False(child.Exited.IsCompleted);
        child.EndInput();
        await reading.WaitAsync(Wait.Limit);
        Assert.Equal(sent.Length, received.Length);
        Assert.Equal(0, (await child.Exited.WaitAsync(Wait.Limit)).Code);
    }

    [LinuxTheory]
    [InlineData("exit 0", "exited with code 0")]
    [InlineData("exit 7", "exited with code 7")]
    [InlineData("kill -9 $$", "was ended by signal 9 (SIGKILL)")]
    [InlineData("kill -15 $$", "was ended by signal 15 (SIGTERM)")]
    public async Task Its_exit_is_reported_in_words(string script, string words)
    {
        var (_, exit) = await Child.RunAsync(Child.Shell(script));
        Assert.Equal(words, exit.Description);
    }

    [LinuxFact]
    public async Task Its_exit_is_noticed_at_once()
    {
        // The slow look comes once in a second: ten ends in a row take it ten of them, whatever else the machine does.
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < 10; i++)
            await Child.RunAsync(Child.Shell("exit 3"));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(8), $"Ten ends were noticed after {clock.Elapsed}: by the slow look, not by the signal.");
    }

    [LinuxFact]
    public async Task Children_of_dotnet_and_ours_keep_their_own_exit_codes()
    {
        var runs = Enumerable.Range(1, 20).Select(async code =>
        {
            using var other = Process.Start("/bin/sh", ["-c", $"exit {code}"]);
            var (_, exit) = await Child.RunAsync(Child.Shell($"exit {code + 100}"));
            await other.WaitForExitAsync();
            return (Code: code, Theirs: other.ExitCode, Ours: exit.Code);
        });
        Assert.All(await Task.WhenAll(runs), run => Assert.Equal((run.Code, run.Code + 100), (run.Theirs, run.Ours)));
    }

    [LinuxFact]
    public async Task It_can_be_asked_to_end_and_be_killed()
    {
        using var polite = Child.Start(Child.Shell("exec sleep 600"));
        polite.Terminate();
        Assert.Equal(15, (await polite.Exited.WaitAsync(Wait.Limit)).Signal);

        using var stubborn = Child.Start(Child.Shell("trap '' TERM; echo ready; while :; do read line || sleep 1; done"));
        using var reader = new StreamReader(stubborn.Output);
        await reader.ReadLineAsync().WaitAsync(Wait.Limit);
        stubborn.Terminate();
        stubborn.Kill();
        Assert.Equal(9, (await stubborn.Exited.WaitAsync(Wait.Limit)).Signal);
        stubborn.Kill(); // Of a PID that may be another's by now; must do nothing.
        Assert.False(UnixChildren.Signal(stubborn.Pid, 0));
    }

    [LinuxFact]
    public void What_cannot_be_started_is_said_in_one_sentence()
    {
        using var folder = new ScratchFolder();
        var text = folder.Write("text", "hello");
        var orphanScript = folder.Write("script", "#!/no/such/interpreter\n", executable: true);
        Assert.Equal($"{folder["none"]} does not exist.", Reason(folder["none"], "/"));
        Assert.Equal($"{text} is not executable.", Reason(text, "/"));
        Assert.Equal($"{orphanScript} cannot be started: the interpreter or loader it names does not exist.", Reason(orphanScript, "/"));
        Assert.Equal($"The working directory {folder["gone"]} does not exist.", Reason("/bin/sh", folder["gone"]));
        Assert.Contains("NUL", Reason("/bin/sh", "/", "a\0b"), StringComparison.Ordinal);
    }

    private static string Reason(string program, string directory, params string[] arguments) =>
        Assert.IsType<ChildStartResult.Failed>(
            ChildProcess.Start(new ChildStart(program, arguments, Child.Nothing, directory), Child.Table)).Reason;

    [LibraryImport("libc", EntryPoint = "dup")]
    private static partial int Duplicate(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseDescriptor(int descriptor);
}
