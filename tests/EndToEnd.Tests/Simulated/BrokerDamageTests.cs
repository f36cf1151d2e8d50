using System.Diagnostics;
using CodexCompanion.EndToEnd.Tests.Harness;
using CodexCompanion.EndToEnd.Tests.Tool;

namespace CodexCompanion.EndToEnd.Tests.Simulated;

/// <summary>What a living broker stands on is taken from it: its record, its socket, its folders, its program. Commands work on, it goes by itself, one is left.</summary>
public sealed class BrokerDamageTests : IAsyncLifetime
{
    private readonly SimulatedUser _user = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _user.DisposeAsync();

    [LinuxTheory]
    [InlineData("the record is deleted", true)]
    [InlineData("the record is torn", true)]
    [InlineData("the record is replaced by a link", true)]
    [InlineData("the record names another instance", false)]
    [InlineData("the socket is deleted", false)]
    [InlineData("the socket is replaced by a file", false)]
    [InlineData("the socket is replaced by a link to a foreign one", false)]
    public async Task Whatever_happens_to_record_and_socket_tasks_go_on_and_one_broker_is_left(string what, bool itStays)
    {
        await _user.TaskAsync("hello");
        var before = await _user.BrokerAsync();

        Damage(what);

        Assert.Equal("at once", (await _user.TaskAsync("sim: reply \"at once\"")).RawOutput);
        if (!itStays)
            await Eventually.TrueAsync(() => !ProcessTable.Lives(before.Pid) && !ProcessTable.Lives(before.AppServerPid), "the old one has gone with its app-server");
        Assert.Equal("later", (await _user.TaskAsync("sim: reply \"later\"")).RawOutput);
        await Eventually.TrueAsync(() => _user.Home.BrokerRecord() is not null && new FileInfo(_user.Home.BrokerFile()!).LinkTarget is null, "a record stands");
        Assert.Equal((await _user.BrokerAsync()).Pid, Assert.Single(_user.Brokers()).Pid);
        Assert.Equal(itStays, ProcessTable.Lives(before.Pid));
    }

    [LinuxTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Without_its_workspace_or_its_state_folder_it_goes_and_takes_all_with_it(bool workspace)
    {
        await _user.TaskAsync("hello");
        var folder = workspace ? _user.Home.Workspace : Directory.GetParent(_user.Home.BrokerFile()!)!.FullName;

        Remove(folder);

        await Eventually.TrueAsync(() => _user.Home.Processes().Count == 0, "nothing runs any more");
        Assert.False(Directory.Exists(folder), "it was brought back");
        PrivateHome.InitializeRepository(_user.Home.Workspace);
        Assert.Equal("as if new", (await _user.TaskAsync("sim: reply \"as if new\"")).RawOutput);
    }

    [LinuxTheory]
    [InlineData("the workspace")]
    [InlineData("the state folder")]
    [InlineData("the socket's folder")]
    public async Task What_is_removed_under_a_running_turn_does_not_cost_its_answer_and_the_broker_goes_after_it(string what)
    {
        await using var task = _user.Start("task", "--json", "sim: run touch began; while ! [ -e ../over ]; do sleep 0.05; done\nsim: reply \"answered\"");
        await ToolUser.WhileRunningAsync(task, () => File.Exists(_user.Home.InWorkspace("began")), "its turn runs");
        var broker = Assert.Single(_user.Brokers());

        Remove(what switch
        {
            "the workspace" => _user.Home.Workspace,
            "the state folder" => Directory.GetParent(_user.Home.BrokerFile()!)!.FullName,
            _ => Directory.GetParent(_user.Endpoint())!.FullName,
        });
        await File.WriteAllTextAsync(Path.Combine(_user.Home.Root, "over"), "");

        Assert.Equal("answered", TaskResult.Of(await task.EndAsync()).RawOutput);
        await Eventually.TrueAsync(() => !ProcessTable.Lives(broker.Pid) && _user.Home.Processes().Count == 0, "it has gone with its app-server");
        PrivateHome.InitializeRepository(_user.Home.Workspace);
        Assert.Equal("as if new", (await _user.TaskAsync("sim: reply \"as if new\"")).RawOutput);
    }

    [LinuxTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task When_the_tool_is_removed_or_replaced_its_turn_is_finished_and_it_goes(bool replaced)
    {
        var installed = Path.Combine(_user.Home.Root, "tool");
        CopyFolder(Path.GetDirectoryName(ToolUnderTest.Path)!, installed);
        _user.Tool = Path.Combine(installed, Path.GetFileName(ToolUnderTest.Path));
        await _user.TaskAsync("hello");
        var old = await _user.BrokerAsync();

        // A turn runs while the folder goes. (Its client is another copy: nobody may load what is deleted.)
        _user.Tool = ToolUnderTest.Path;
        await using var task = _user.Start("task", "--json", "sim: run touch began; while ! [ -e over ]; do sleep 0.05; done\nsim: reply \"finished\"");
        await ToolUser.WhileRunningAsync(task, () => File.Exists(_user.Home.InWorkspace("began")), "its turn runs");
        Directory.Delete(installed, recursive: true);
        if (replaced)
        {
            CopyFolder(Path.GetDirectoryName(ToolUnderTest.Path)!, installed);
            foreach (var file in Directory.EnumerateFiles(installed, "codex-companion*"))
                File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch.AddYears(55)); // Of another build.
        }

        await Eventually.TrueAsync(() => _user.BrokerLog().Contains("draining: the tool was removed or replaced", StringComparison.Ordinal), "it drains");
        Assert.True(ProcessTable.Lives(old.Pid));
        var next = await _user.TaskAsync("sim: reply \"by the successor\"");
        await File.WriteAllTextAsync(_user.Home.InWorkspace("over"), "");

        Assert.Equal("by the successor", next.RawOutput);
        Assert.Equal("finished", TaskResult.Of(await task.EndAsync()).RawOutput);
        await Eventually.TrueAsync(() => !ProcessTable.Lives(old.Pid), "the old one has gone");
        Assert.NotEqual(old.InstanceId, (await _user.BrokerAsync()).InstanceId);
    }

    // Gone at once: what a broker or a job writes while it is being emptied would keep it from going.
    private static void Remove(string folder)
    {
        var gone = folder + ".gone";
        Directory.Move(folder, gone);
        Directory.Delete(gone, recursive: true);
    }

    private void Damage(string what)
    {
        var (record, socket) = (_user.Home.BrokerFile()!, _user.Endpoint());
        switch (what)
        {
            case "the record is deleted":
                File.Delete(record);
                break;
            case "the record is torn":
                File.WriteAllText(record, File.ReadAllText(record)[..40]);
                break;
            case "the record is replaced by a link":
                File.Move(record, Path.Combine(_user.Home.Temp, "elsewhere.json"));
                File.CreateSymbolicLink(record, Path.Combine(_user.Home.Temp, "elsewhere.json"));
                break;
            case "the record names another instance":
                var instance = SimulatedUser.Text(_user.Home.BrokerRecord()!, "instanceId")!;
                File.WriteAllText(record, File.ReadAllText(record).Replace(instance, "ba9876543210", StringComparison.Ordinal));
                break;
            case "the socket is deleted":
                File.Delete(socket);
                break;
            case "the socket is replaced by a file":
                File.Delete(socket);
                File.WriteAllText(socket, "");
                break;
            case "the socket is replaced by a link to a foreign one":
                File.Delete(socket);
                File.CreateSymbolicLink(socket, Path.Combine(_user.Home.Temp, "foreign.sock"));
                break;
            default:
                throw new UnreachableException(what);
        }
    }

    private static void CopyFolder(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
