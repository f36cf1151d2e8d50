using CodexCompanion.EndToEnd.Tests.Harness;

namespace CodexCompanion.EndToEnd.Tests.Simulated;

/// <summary>What the app-server asks goes through the broker to whoever owns the turn; with nobody there to ask, the configured rule answers at once, and the
/// job's log says what.</summary>
public sealed class ServerRequestsTests : IAsyncLifetime
{
    private readonly SimulatedUser _user = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _user.DisposeAsync();

    [LinuxTheory]
    [InlineData("ask-approval touch asked", "{}", "Declined to approve a command (/bin/bash -lc 'touch asked'): nobody is there to ask.", false)]
    [InlineData("ask-approval touch asked", """{"commands":"accept"}""", "Approved a command (/bin/bash -lc 'touch asked'): the configuration allows it.", true)]
    [InlineData("elicit", "{}", "Cancelled a question of an MCP server (simulated): nobody is there to ask.", false)]
    public async Task They_are_answered_by_the_rule_and_the_turn_goes_on(string asks, string rules, string told, bool isDone)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_user.Home.Root, "config", "codex-companion")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "config.json"), $$"""{"serverRequests":{{rules}}}""");

        var task = await _user.TaskAsync("--write", $"sim: {asks}\nsim: reply \"and on\"");

        Assert.Equal("and on", task.RawOutput);
        Assert.Equal(isDone, File.Exists(_user.Home.InWorkspace("asked")));
        Assert.Contains(told, (await _user.RunAsync("logs", task.JobId)).Output, StringComparison.Ordinal);
        Assert.Single(_user.Brokers());
    }
}
