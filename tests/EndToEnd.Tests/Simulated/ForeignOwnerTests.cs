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
        Assert.Matches(@"^error: The folder .* belongs to user 65534, not to the current user 0\.\n$", run.Error);
        Assert.Equal(before, Directory.GetFileSystemEntries(_user.Home.State, "*", SearchOption.AllDirectories));
    }

    private async Task<string> TrailAsync()
    {
        var run = await _user.RunAsync("task", "--verbose", "sim: reply \"in spite of it\"");
        Assert.True(run.ExitCode == 0 && run.Output == "in spite of it\n", run.ToString());
        return run.Error;
    }

    private async Task GiveAwayAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        await using var chown = RunningProgram.Start("/bin/chown", [Nobody, folder], _user.Home.Environ(), "/");
        Assert.Equal(0, (await chown.EndAsync()).ExitCode);
    }
}
