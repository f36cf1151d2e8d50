using CodexCompanion.EndToEnd.Tests.Harness;

namespace CodexCompanion.EndToEnd.Tests.Simulated;

/// <summary>Folders of another user, and links, where ours should be: never used, and said so.</summary>
public sealed class ForeignOwnerTests : IAsyncLifetime
{
    private const string Nobody = "65534";

    private readonly SimulatedUser _user = new();

    private string InRuntime => Path.Combine(_user.Home.Root, "run", "codex-companion");

    private string InTemp => Path.Combine(_user.Home.Temp, "codex-companion-0");

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _user.DisposeAsync();

    [RootFact]
    public async Task A_socket_folder_of_another_user_is_not_used_and_without_another_the_task_goes_direct()
    {
        await GiveAwayAsync(InRuntime);

        Assert.Contains("[Connect] started", await TrailAsync(), StringComparison.Ordinal);
        Assert.StartsWith(InTemp, _user.Endpoint(), StringComparison.Ordinal);
        await _user.RunAsync("broker", "stop");
        await GiveAwayAsync(InTemp);

        Assert.Matches(@"\[Connect\] direct, .*There is no private folder for the broker's socket\. .* belongs to user 65534", await TrailAsync());
        Assert.Empty(_user.Brokers());
    }

    [RootFact]
    public async Task A_link_in_the_place_of_the_socket_folder_is_not_followed()
    {
        var target = Directory.CreateDirectory(Path.Combine(_user.Home.Root, "elsewhere")).FullName;
        Directory.CreateSymbolicLink(InRuntime, target);

        Assert.Contains("[Connect] started", await TrailAsync(), StringComparison.Ordinal);
        Assert.StartsWith(InTemp, _user.Endpoint(), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(target));
    }

    [RootFact]
    public async Task A_state_folder_of_another_user_is_refused_in_one_sentence_and_not_written_to()
    {
        await _user.RunAsync("status"); // Whatever makes folders has made them.
        await GiveAwayAsync(_user.Home.State);
        var before = Directory.GetFileSystemEntries(_user.Home.State, "*", SearchOption.AllDirectories);
        _user.Set("CODEX_COMPANION_STATE_DIR", _user.Home.State);

        var run = await _user.RunAsync("task", "hello");

        Assert.NotEqual(0, run.ExitCode);
        Assert.Matches(@"^error: The folder .* belongs to user 65534, not to the current user 0\.\nhint: codex-companion doctor says more, and puts right what is safe to\.\n$", run.Error);
        Assert.Equal(before, Directory.GetFileSystemEntries(_user.Home.State, "*", SearchOption.AllDirectories));
    }

    [RootFact]
    public async Task A_record_of_another_user_is_not_believed_and_not_touched_and_its_broker_is_used_again_when_it_is_ours()
    {
        await _user.TaskAsync("hello");
        var (record, before) = (_user.Home.BrokerFile()!, await _user.BrokerAsync());
        var content = await File.ReadAllTextAsync(record);
        await GiveAwayAsync(record);

        Assert.Matches(@"\[ResolveState\] Unreadable, .*broker\.json belongs to user 65534", await TrailAsync());
        Assert.Contains("`codex-companion doctor` says more.", (await _user.RunAsync("broker", "status")).Output, StringComparison.Ordinal);
        Assert.Equal(content, await File.ReadAllTextAsync(record));
        await GiveAwayAsync(record, "0");

        Assert.Contains("[Connect] connected", await TrailAsync(), StringComparison.Ordinal);
        Assert.Equal(before, await _user.BrokerAsync());
    }

    private async Task<string> TrailAsync()
    {
        var run = await _user.RunAsync("task", "--verbose", "sim: reply \"in spite of it\"");
        Assert.True(run.ExitCode == 0 && run.Output == "in spite of it\n", run.ToString());
        return run.Error;
    }

    private async Task GiveAwayAsync(string path, string owner = Nobody)
    {
        if (!File.Exists(path))
            Directory.CreateDirectory(path);
        await using var chown = RunningProgram.Start("/bin/chown", [owner, path], _user.Home.Environ(), "/");
        Assert.Equal(0, (await chown.EndAsync()).ExitCode);
    }
}
