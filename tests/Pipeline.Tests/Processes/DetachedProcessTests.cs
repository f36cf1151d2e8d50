using System.Runtime.Versioning;
using CodexCompanion.Pipeline.Processes;
using CodexCompanion.StateStore.Processes;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Processes;

[SupportedOSPlatform("linux")]
public sealed class DetachedProcessTests
{
    [LinuxFact]
    public async Task It_has_no_input_a_file_for_output_and_nothing_of_ours()
    {
        using var folder = new ScratchFolder();
        var output = folder.Write("output", "before\n");
        var child = Start(Child.Shell("for fd in /proc/$$/fd/*; do readlink $fd; done; echo error >&2; exit 4"), output);
        var exit = await child.Exited.WaitAsync(Wait.Limit);
        Assert.Equal("exited with code 4", exit.Description);
        Assert.Equal(["before", "/dev/null", output, output, "error"], await File.ReadAllLinesAsync(output));
    }

    [LinuxFact]
    public async Task Its_output_file_is_private_to_the_user()
    {
        using var folder = new ScratchFolder();
        await Start(Child.Shell("echo hello"), folder["new"]).Exited.WaitAsync(Wait.Limit);
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(folder["new"]) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [LinuxFact]
    public async Task It_leads_a_session_of_its_own_and_can_be_recognised_again()
    {
        using var folder = new ScratchFolder();
        var child = Start(Child.Shell("cut -d ' ' -f 6 /proc/$$/stat; exec sleep 600"), folder["session"]);
        try
        {
            Assert.Equal(ProcessPresence.Same, Child.Table.Look(child.Identity!));
            await Wait.UntilAsync(() => File.Exists(folder["session"]) && new FileInfo(folder["session"]).Length > 0, "it wrote its session");
            Assert.Equal($"{child.Pid}\n", await File.ReadAllTextAsync(folder["session"]));
        }
        finally
        {
            UnixChildren.Signal(child.Pid, 9);
        }

        await child.Exited.WaitAsync(Wait.Limit);
    }

    [LinuxFact]
    public async Task Without_a_file_its_output_goes_nowhere()
    {
        var exit = await Start(Child.Shell("[ \"$(readlink /proc/$$/fd/1)\" = /dev/null ] && [ \"$(readlink /proc/$$/fd/2)\" = /dev/null ]"), output: null)
            .Exited.WaitAsync(Wait.Limit);
        Assert.Equal(0, exit.Code);
    }

    [LinuxFact]
    public void What_cannot_be_started_is_said_in_one_sentence()
    {
        using var folder = new ScratchFolder();
        Assert.Contains("does not exist", Reason(new ChildStart(folder["none"], [], Child.Nothing, "/"), output: null), StringComparison.Ordinal);
        Assert.Contains(folder["gone"], Reason(Child.Shell("true"), Path.Combine(folder["gone"], "output")), StringComparison.Ordinal);
    }

    private static DetachedChild Start(ChildStart start, string? output) =>
        Assert.IsType<DetachedStart.Started>(DetachedProcess.Start(start, output, Child.Table)).Child;

    private static string Reason(ChildStart start, string? output) =>
        Assert.IsType<DetachedStart.Failed>(DetachedProcess.Start(start, output, Child.Table)).Reason;
}
