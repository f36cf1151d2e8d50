using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Processes;
using CodexCompanion.Pipeline.Recovery;
using CodexCompanion.Pipeline.Tests.Processes;
using CodexCompanion.Pipeline.Tests.Steps;
using CodexCompanion.Pipeline.Tests.Support;
using CodexCompanion.Pipeline.Tests.Turns;
using CodexCompanion.Pipeline.Turns;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Recovery;

public sealed class TurnFinderTests : IAsyncLifetime
{
    // The limit of the whole runs by the test's own clock, that of a single call by the system's.
    private static readonly TimeLimits Limits = new() { Connect = Wait.Limit, Handshake = Wait.Limit };

    private readonly ScratchFolder _folder = new();
    private readonly ManualTime _time = new();
    private readonly FakeBroker _broker;

    public TurnFinderTests() => _broker = new FakeBroker(_folder.Path);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_broker_whose_answer_takes_all_the_time_leaves_the_thread_unread()
    {
        var limit = TimeSpan.FromSeconds(5);
        _broker.Answer = _ =>
        {
            _time.Advance(limit + TimeSpan.FromSeconds(1));
            return """{"active":false}""";
        };

        var finding = await FindAsync(new LostTurn("t", "u", AppServer: null, _broker.Endpoint), limit);

        Assert.Contains("within 5 s", Assert.IsType<TurnFinding.Unreadable>(finding).Sentence, StringComparison.Ordinal);
    }

    private Task<TurnFinding> FindAsync(LostTurn lost, TimeSpan limit)
    {
        var codex = _folder.Write("codex.dll", ""); // There is one; it is never started.
        var setup = new CompanionSetup { ToolVersion = "1", ProgramPath = "/none", StateRoot = _folder.Path, Environment = Child.OnlyPath, CodexPath = codex };
        var finder = new TurnFinder(
            Child.Table, new ProcessTree(Child.Table), direct: null!, new CodexInUse(setup), new ServerRequestPolicy(_time), Limits, _time);
        var request = new TurnRequest { JobId = "j", Cwd = "/", Prompt = "p", ClientMessageId = "m" };
        return finder.FindAsync(lost, request, new RecordingObserver(), limit).WaitAsync(Wait.Limit);
    }
}
