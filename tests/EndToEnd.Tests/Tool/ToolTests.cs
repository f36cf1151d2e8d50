using Xunit.Abstractions;

namespace CodexCompanion.EndToEnd.Tests.Tool;

/// <summary>
/// A test of the tool with a real codex. After it the broker is stopped, and whatever is still running or listening makes it fail.
/// </summary>
public abstract class ToolTests(ITestOutputHelper output) : IAsyncLifetime
{
    private ToolUser? _user;

    private protected ITestOutputHelper Output { get; } = output;

    private protected ToolUser User => _user ?? throw new InvalidOperationException("the test has not called UseAsync");

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_user is not null)
            await _user.DisposeAsync();
    }

    private protected async Task<ToolUser> UseAsync(string version, Dictionary<string, string>? more = null) =>
        _user = await ToolUser.StartAsync(version, Output, more);

    private protected async Task<ToolUser> UseLauncherAsync(string version, Dictionary<string, string> more) =>
        _user = await ToolUser.StartAsync(version, Output, more, codex => codex.Launcher);
}
