using System.Collections.Concurrent;
using System.Text;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Processes;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Tests.Processes;
using CodexCompanion.Pipeline.Tests.Turns;
using CodexCompanion.Pipeline.Turns;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.AppServer;

public sealed class TurnStopperTests : ITurnProcesses
{
    private static readonly RpcReply Done = new("{}"u8.ToArray(), Error: null, default);

    private readonly ManualTime _time = new();
    private readonly TimeLimits _limits = new();
    private readonly TaskCompletionSource _turnEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<string> _calls = new();
    private Func<string, Task<RpcReply>> _interrupt;
    private Func<Task<RpcReply>> _clean = () => Task.FromResult(Done);
    private Func<Task<IReadOnlyList<string>>> _end = () => Task.FromResult<IReadOnlyList<string>>([]);

    public TurnStopperTests() => _interrupt = _ =>
    {
        _turnEnded.TrySetResult();
        return Task.FromResult(Done);
    };

    public Task<IReadOnlyList<string>> EndAsync(string jobId, TimeSpan limit)
    {
        _calls.Enqueue($"end {jobId}");
        return _end();
    }

    [Fact]
    public async Task It_interrupts_then_cleans_then_ends_the_processes()
    {
        var proof = await StopAsync();
        Assert.Equal(["turn/interrupt u1", "thread/backgroundTerminals/clean", "end task-1"], _calls);
        Assert.True(proof.InterruptSent);
        Assert.True(proof.TurnEnded);
        Assert.Empty(proof.ProcessesLeft);
    }

    [Fact]
    public async Task A_turn_that_has_ended_already_is_not_interrupted_but_cleaned_up_after()
    {
        _turnEnded.SetResult();
        var proof = await StopAsync();
        Assert.Equal(["thread/backgroundTerminals/clean", "end task-1"], _calls);
        Assert.False(proof.InterruptSent);
        Assert.True(proof.TurnEnded);
    }

    [Theory]
    [InlineData("u0")]
    [InlineData(null)]
    public async Task The_turn_the_server_found_instead_is_interrupted(string? turnId)
    {
        _interrupt = id =>
        {
            if (id != "u9")
                return Refuse($"expected active turn id {id} but found u9");
            _turnEnded.TrySetResult();
            return Task.FromResult(Done);
        };
        Assert.True((await StopAsync(turnId)).TurnEnded);
        Assert.Equal("turn/interrupt u9", _calls.ElementAt(1));
    }

    [Fact]
    public async Task No_active_turn_right_after_the_start_is_not_taken_for_its_end()
    {
        var asked = 0;
        _interrupt = _ =>
        {
            if (++asked < 4)
                return Refuse("no active turn to interrupt");
            _turnEnded.TrySetResult();
            return Task.FromResult(Done);
        };
        Assert.True((await StopAsync()).TurnEnded);
        Assert.Equal(4, asked);
    }

    [Fact]
    public async Task No_active_turn_for_long_is_the_end()
    {
        _interrupt = _ => Refuse("no active turn to interrupt");
        Assert.True((await StopAsync()).TurnEnded);
        Assert.InRange(_time.GetTimestamp(), TimeSpan.FromSeconds(1.5).Ticks, _limits.InterruptConfirmed.Ticks);
    }

    [Fact]
    public async Task A_turn_that_ignores_the_interrupt_is_not_said_to_have_ended()
    {
        _interrupt = _ => Task.FromResult(Done);
        var proof = await StopAsync();
        Assert.False(proof.TurnEnded);
        Assert.Contains("end task-1", _calls);
        Assert.True(_time.GetTimestamp() <= _limits.Cancel.Ticks);
    }

    [Fact]
    public async Task A_server_that_answers_nothing_is_given_up_in_time()
    {
        _interrupt = _ => new TaskCompletionSource<RpcReply>().Task;
        _clean = () => new TaskCompletionSource<RpcReply>().Task;
        _end = () => new TaskCompletionSource<IReadOnlyList<string>>().Task;
        var proof = await StopAsync();
        Assert.False(proof.TurnEnded);
        Assert.Single(proof.ProcessesLeft);
        Assert.True(_time.GetTimestamp() <= (_limits.Cancel + TimeSpan.FromMilliseconds(200)).Ticks);
    }

    [Fact]
    public async Task A_turn_that_ends_while_the_interrupt_is_unanswered_has_ended()
    {
        _interrupt = _ =>
        {
            _turnEnded.TrySetResult();
            return new TaskCompletionSource<RpcReply>().Task;
        };
        var proof = await BeginStop().WaitAsync(Wait.Limit); // Without any time passing.
        Assert.True(proof.TurnEnded);
        Assert.True(proof.InterruptSent);
    }

    [Fact]
    public async Task A_lost_connection_proves_nothing_and_the_processes_are_ended_all_the_same()
    {
        _interrupt = _ => Task.FromException<RpcReply>(new ConnectionLostException(new ConnectionLoss(LossKind.EndOfStream, "It closed.")));
        _clean = () => throw new InvalidOperationException("broken");
        var proof = await StopAsync();
        Assert.False(proof.TurnEnded);
        Assert.Contains("It closed.", proof.Detail, StringComparison.Ordinal);
        Assert.Equal("end task-1", _calls.Last());
    }

    [Fact]
    public async Task A_failed_wait_for_the_end_neither_spins_nor_proves()
    {
        _interrupt = _ => Refuse("no active turn to interrupt");
        _turnEnded.SetException(new IOException("gone"));
        Assert.True((await StopAsync()).TurnEnded);
        Assert.InRange(_calls.Count, 3, 30);
    }

    [Fact]
    public async Task A_server_without_the_cleaning_is_no_obstacle()
    {
        _clean = () => Refuse("Invalid request: unknown variant `thread/backgroundTerminals/clean`");
        Assert.True((await StopAsync()).TurnEnded);
        Assert.Equal("end task-1", _calls.Last());
    }

    [Fact]
    public async Task What_is_left_is_named()
    {
        _end = () => Task.FromResult<IReadOnlyList<string>>(["4711 make all"]);
        var proof = await StopAsync();
        Assert.Equal(["4711 make all"], proof.ProcessesLeft);
        Assert.Contains("4711 make all", proof.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Not_being_able_to_look_is_not_the_same_as_nothing_left()
    {
        _end = () => throw new IOException("no /proc here");
        Assert.Contains("no /proc here", Assert.Single((await StopAsync()).ProcessesLeft), StringComparison.Ordinal);
    }

    private async Task<StopProof> StopAsync(string? turnId = "u1")
    {
        var stopping = BeginStop(turnId);
        await _time.AdvanceUntilAsync(stopping, TimeSpan.FromMilliseconds(100));
        return await stopping;
    }

    private Task<StopProof> BeginStop(string? turnId = "u1") =>
        Task.Run(() => TurnStopper.StopAsync(CallAsync, new TurnToStop("task-1", "t1", turnId), _turnEnded.Task, this, _limits, _time));

    private Task<RpcReply> CallAsync(string method, ReadOnlyMemory<byte> parameters, TimeSpan limit)
    {
        var asked = RpcMessage.ToElement(parameters);
        Assert.Equal("t1", asked.GetProperty("threadId").GetString());
        if (method != "turn/interrupt")
        {
            _calls.Enqueue(method);
            return _clean();
        }

        var id = asked.GetProperty("turnId").GetString()!;
        _calls.Enqueue($"{method} {id}");
        return _interrupt(id);
    }

    private static Task<RpcReply> Refuse(string message) => Task.FromResult(
        new RpcReply(default, new RpcError(RpcError.InvalidRequest, message), Encoding.UTF8.GetBytes("{}")));
}
