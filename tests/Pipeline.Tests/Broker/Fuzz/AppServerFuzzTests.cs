using CodexCompanion.Pipeline.Tests.Broker.Shared;
using CodexCompanion.Pipeline.Tests.Processes;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Broker.Fuzz;

/// <summary>Whatever an app-server writes to its stdout: the broker lives, its clients are served, and none hears of another one's thread.</summary>
public sealed class AppServerFuzzTests : IAsyncLifetime
{
    private const int Cases = 150;

    private static readonly string[] Methods =
    [
        "thread/started", "turn/started", "turn/completed", "item/completed", "item/agentMessage/delta", "error", "account/updated",
        "item/commandExecution/requestApproval", "item/tool/call", "mcpServer/elicitation/request", "account/chatgptAuthTokens/refresh",
    ];

    private readonly SharedBroker _broker = new();
    private TestUser _ann = null!;
    private TestUser _ben = null!;
    private string _anns = "";
    private string _bens = "";

    public async Task InitializeAsync()
    {
        _ann = await _broker.ConnectAsync("ann");
        _ben = await _broker.ConnectAsync("ben");
        _anns = await _ann.StartThreadAsync();
        _bens = await _ben.StartThreadAsync();
        await _ann.StartTurnAsync(_anns);
        await _ben.StartTurnAsync(_bens);
    }

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Fact]
    public void Whatever_an_app_server_writes_its_clients_are_served_and_hear_only_of_their_own_threads()
    {
        var cases =
            from lines in FuzzLines.Any(Methods)
            from cut in Gen.Choose(1, 64)
            select (lines, cut);
        Check.One(FuzzLines.Runs(Cases), Prop.ForAll(cases.ToArbitrary(), c => RunAsync(c.lines, c.cut).WaitAsync(Wait.Limit).GetAwaiter().GetResult()));

        Assert.Single(_broker.Servers);
        Assert.DoesNotContain(_bens, _ann.ThreadsHeardOf);
        Assert.DoesNotContain(_anns, _ben.ThreadsHeardOf);
        Assert.Equal(Cases, _ann.Heard.Count(m => m.Method == "item/completed" && m.ThreadId == _anns));
        Assert.Equal(Cases, _ben.Heard.Count(m => m.Method == "item/completed" && m.ThreadId == _bens));
    }

    private async Task<bool> RunAsync(byte[][] lines, int cut)
    {
        // Nothing else may be in the middle of a line there: a call that was answered is behind everything said before.
        await _ann.ResultAsync("echo");
        await _ben.ResultAsync("echo");
        foreach (var piece in lines.SelectMany(l => l.Append((byte)'\n')).Chunk(cut))
            await _broker.Server.RawOutput.WriteAsync(piece);
        await _broker.Server.RawOutput.FlushAsync();
        _broker.Server.Say(_anns, "item/completed");
        _broker.Server.Say(_bens, "item/completed");
        await _ann.ResultAsync("echo");
        await _ben.ResultAsync("echo");
        return true;
    }
}
