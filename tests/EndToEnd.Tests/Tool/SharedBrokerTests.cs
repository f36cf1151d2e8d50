using CodexCompanion.EndToEnd.Tests.Codex;
using CodexCompanion.EndToEnd.Tests.Harness;
using Xunit.Abstractions;

namespace CodexCompanion.EndToEnd.Tests.Tool;

/// <summary>Many tasks, one broker, one app-server.</summary>
public sealed class SharedBrokerTests(ITestOutputHelper output) : ToolTests(output)
{
    // The reported defect killed every second of six tasks: twelve show it twice over.
    private const int Tasks = 12;

    [RealCodexTheory, BothVersions]
    public async Task Twelve_tasks_in_a_row_are_served_by_one_broker_with_one_app_server(string version)
    {
        await UseAsync(version);
        await TwelveInARowAsync();
    }

    [RealCodexTheory, BothVersions]
    public async Task Twelve_tasks_in_a_row_are_not_misled_by_the_variables_of_other_programs(string version)
    {
        await UseAsync(version, MisleadingEnvironment.Variables());
        await TwelveInARowAsync();
    }

    [RealCodexTheory, BothVersions]
    public async Task Four_tasks_at_once_share_one_app_server_whether_the_broker_is_cold_or_warm(string version)
    {
        await UseAsync(version);
        await FourAtOnceAsync("cold");
        var cold = await User.BrokerAsync();
        await FourAtOnceAsync("warm");
        var warm = await User.BrokerAsync();

        Assert.Equal(cold, warm);
        Assert.Equal(warm.AppServerPid, Assert.Single(User.AppServers()).Pid);
        Assert.Equal(4, User.Model.MaxInFlight);
        Assert.Equal(8, User.Model.Journal.Count);
    }

    [RealCodexFact]
    public async Task Through_the_launcher_of_npm_it_is_the_native_program_that_runs()
    {
        // The launcher is a Node program: it needs the PATH that has node on it.
        var user = await UseLauncherAsync(CodexInstall.Newest, new(StringComparer.Ordinal) { ["PATH"] = Environment.GetEnvironmentVariable("PATH")! });

        var task = await user.TaskAsync("through the launcher");
        var broker = await user.BrokerAsync();

        Assert.Equal("You said: through the launcher", task.RawOutput);
        Assert.Equal(user.Codex.Native, ProcessTable.Executable(broker.AppServerPid));
        Assert.DoesNotContain(user.Home.Processes(), p => Path.GetFileName(ProcessTable.Executable(p.Pid)) is "node");
    }

    [RealCodexFact]
    public async Task A_codex_of_PATH_that_worked_serves_a_caller_whose_PATH_does_not_lead_to_it()
    {
        var codex = await CodexInstall.OfAsync(CodexInstall.Newest);
        var user = await UseAsync(CodexInstall.Newest, new(StringComparer.Ordinal)
        {
            ["CODEX_COMPANION_CODEX"] = "",
            ["PATH"] = $"{Path.GetDirectoryName(codex.Native)}:{Environment.GetEnvironmentVariable("PATH")}",
        });
        await user.TaskAsync("with the PATH of a shell");
        var broker = await user.BrokerAsync();

        await using var program = RunningProgram.Start(ToolUnderTest.Path, ["task", "--json", "with that of a desktop"], user.Home.Environ(), user.Home.Workspace);
        Assert.Equal("You said: with that of a desktop", (await user.TaskEndAsync(program)).RawOutput);
        Assert.Equal(broker, await user.BrokerAsync());
    }

    [RealCodexTheory, BothVersions]
    public async Task Without_json_stdout_is_the_message_and_nothing_else(string version)
    {
        var user = await UseAsync(version);

        var plain = await user.RunAsync("task", "stub: deltas 30\nstub: reply \"first line\\nsecond line\"");
        var json = await user.TaskAsync("--no-broker", "on its own");

        Assert.Equal((0, "first line\nsecond line\n"), (plain.ExitCode, plain.Output));
        Assert.Equal("You said: on its own", json.RawOutput);
        Assert.Single(json.Run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)); // {"jobId","threadId"} as soon as both are known
        Assert.Contains(json.ThreadId, json.Run.Error, StringComparison.Ordinal);
    }

    private async Task TwelveInARowAsync()
    {
        BrokerStatus? first = null;
        foreach (var i in Enumerable.Range(1, Tasks))
        {
            var task = await User.TaskAsync($"task number {i}");
            Assert.Equal($"You said: task number {i}", task.RawOutput);
            var broker = await User.BrokerAsync();
            first ??= broker;
            Assert.Equal(first, broker);
        }

        Assert.Equal(first!.AppServerPid, Assert.Single(User.AppServers()).Pid);
        Assert.Equal(Tasks, User.Model.Journal.Count);
        Assert.Equal(Tasks, User.Model.Journal.Select(request => request.ThreadId).Distinct(StringComparer.Ordinal).Count());
    }

    private async Task FourAtOnceAsync(string when)
    {
        // No one is answered before all four have asked.
        var running = Enumerable.Range(1, 4).Select(i => User.StartTask($"{when} {i}\nstub: hold {when}")).ToList();
        foreach (var program in running)
            await ToolUser.WhileRunningAsync(program, () => User.Model.Asked(when).Count == 4, "all four have asked the model");
        User.Model.LetGo(when);
        foreach (var (i, program) in running.Index())
        {
            var task = await User.TaskEndAsync(program);
            Assert.Equal($"You said: {when} {i + 1}", task.RawOutput);
            await program.DisposeAsync();
        }
    }
}
