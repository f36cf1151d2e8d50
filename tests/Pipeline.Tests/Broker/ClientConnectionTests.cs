using System.Text;
using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Tests.Processes;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Broker;

public sealed class ClientConnectionTests : IAsyncLifetime
{
    private readonly TestClient _client = new();
    private readonly TaskCompletionSource _turn = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _turn.TrySetResult();
        await _client.DisposeAsync();
    }

    [Fact]
    public async Task A_request_is_answered_while_another_one_is_pending()
    {
        _ = RunAsync();
        await _client.Side.SayAsync("""{"id":1,"method":"turn"}""");
        await _client.Side.SayAsync("""{"id":2,"method":"read"}""");

        Assert.Equal("2", Id(await _client.Side.ReadAsync()));
        _turn.SetResult();
        Assert.Equal("1", Id(await _client.Side.ReadAsync()));
    }

    [Fact]
    public async Task A_greeting_is_taken_before_what_was_sent_right_behind_it()
    {
        var greeted = false;
        _ = _client.Connection.RunAsync((client, request) =>
        {
            // Whether the greeting came before; each greeting counts for one request.
            var before = Interlocked.Exchange(ref greeted, request.Method == BrokerProtocol.Hello);
            client.Reply(request.Id, before ? "1"u8.ToArray() : "0"u8.ToArray());
            return Task.CompletedTask;
        });
        foreach (var _ in Enumerable.Range(0, 200))
        {
            await _client.Side.SayAsync("""{"id":1,"method":"broker/hello"}""" + "\n" + """{"id":2,"method":"read"}""");
            Assert.Equal("1", Id(await _client.Side.ReadAsync()));
            var answer = await _client.Side.ReadAsync();
            Assert.Equal(("2", "1"), (Id(answer), Encoding.UTF8.GetString(answer.Result.Span)));
        }
    }

    [Fact]
    public async Task A_request_whose_handling_fails_is_answered_all_the_same()
    {
        _ = RunAsync();
        await _client.Side.SayAsync("""{"id":"x","method":"fails"}""");
        var answer = await _client.Side.ReadAsync();

        Assert.Equal("\"x\"", Id(answer));
        Assert.Equal(RpcError.InternalError, Code(answer));
        await AssertAnswersAsync();
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("""{"id":{},"method":"read"}""")]
    [InlineData("""{"\ud800":1}""")]
    public async Task A_malformed_line_is_answered_with_an_error_and_counted(string line)
    {
        _ = RunAsync();
        await _client.Side.SayAsync(line);

        // An error without an id is no answer to any request, so it is read as a bare line.
        var answer = await _client.Side.ReadLineAsync();
        Assert.StartsWith("""{"id":null,"error":{"code":-32700,""", answer, StringComparison.Ordinal);
        Assert.Equal(1, _client.Connection.Malformed);
        await AssertAnswersAsync();
    }

    [Fact]
    public async Task A_line_over_the_limit_is_answered_with_an_error_and_counted_and_the_next_one_is_served()
    {
        _ = RunAsync();
        await _client.Side.SayAsync(new string('x', TimeLimits.MaxClientLine + 1));

        Assert.StartsWith("""{"id":null,"error":{"code":-32600,""", await _client.Side.ReadLineAsync(), StringComparison.Ordinal);
        Assert.Equal(1, _client.Connection.Malformed);
        await AssertAnswersAsync();
    }

    [Fact]
    public async Task A_client_that_sends_nothing_but_malformed_lines_is_hung_up_on()
    {
        var running = RunAsync();
        for (var n = 0; n < 33; n++)
            await _client.Side.SayAsync("rubbish");

        await running.WaitAsync(Wait.Limit);
        Assert.True(_client.Connection.IsGone);
        Assert.Equal(33, _client.Connection.Malformed);
    }

    [Fact]
    public async Task Requests_over_the_number_that_may_be_open_are_refused_and_the_others_answered()
    {
        _ = RunAsync();
        for (var id = 1; id <= 64; id++)
            await _client.Side.SayAsync($$"""{"id":{{id}},"method":"turn"}""");
        await _client.Side.SayAsync("""{"id":65,"method":"read"}""");

        var refused = await _client.Side.ReadAsync();
        Assert.Equal(("65", RpcError.Overloaded), (Id(refused), Code(refused)));

        _turn.SetResult();
        var answered = new HashSet<string>(StringComparer.Ordinal);
        for (var n = 0; n < 64; n++)
            answered.Add(Id(await _client.Side.ReadAsync()));
        Assert.Equal(64, answered.Count);

        // A request closes a moment after its answer was sent.
        await AssertAnswersAsync();
    }

    [Fact]
    public async Task A_client_that_does_not_read_is_hung_up_on_while_others_are_served()
    {
        var running = RunAsync();
        await using var other = new TestClient();
        _ = other.Connection.RunAsync(HandleAsync);
        var line = Encoding.UTF8.GetBytes(new string('x', 1024 * 1024));
        var sent = 0;
        while (!_client.Connection.IsGone && sent < 100)
        {
            _client.Connection.Send(line);
            sent++;
            await other.Side.SayAsync("""{"id":7,"method":"read"}""");
            Assert.Equal("7", Id(await other.Side.ReadAsync()));
        }

        await running.WaitAsync(Wait.Limit);
        Assert.InRange(sent, 16, 20);
        Assert.False(other.Connection.IsGone);
    }

    [Fact]
    public async Task A_client_that_does_not_read_loses_deltas_and_is_not_hung_up_on_for_them()
    {
        _ = RunAsync();
        var delta = Encoding.UTF8.GetBytes(new string('x', 1024));
        for (var n = 0; n < 5000; n++)
            _client.Connection.Send(delta, droppable: true);

        Assert.False(_client.Connection.IsGone);
        Assert.InRange(_client.Connection.QueuedBytes, 0, 1024 * 1024);
        Assert.InRange(_client.Connection.DroppedDeltas, 3000, 5000);
    }

    [Fact]
    public async Task A_client_is_read_though_it_does_not_read_itself()
    {
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = _client.Connection.RunAsync((_, request) =>
        {
            heard.TrySetResult();
            return Task.CompletedTask;
        });
        for (var n = 0; n < 10; n++)
            _client.Connection.Send(new byte[500_000]);
        await _client.Side.SayAsync("""{"id":1,"method":"turn/interrupt"}""");

        await heard.Task.WaitAsync(Wait.Limit);
    }

    [Fact]
    public async Task A_question_is_put_to_the_client_under_an_id_of_ours_and_its_answer_comes_back()
    {
        _ = RunAsync();
        var asking = _client.Connection.AskAsync(Message("""{"id":5,"method":"approve","params":{"a":1}}"""), Wait.Limit);
        var question = await _client.Side.ReadAsync();
        Assert.Equal("approve", question.Method);
        Assert.Equal("""{"a":1}""", Encoding.UTF8.GetString(question.Params.Span));
        await _client.Side.AnswerAsync(question, """{"decision":"decline"}""");

        var answer = await asking.WaitAsync(Wait.Limit);
        Assert.Equal("""{"decision":"decline"}""", Encoding.UTF8.GetString(answer!.Result.Span));
    }

    [Fact]
    public async Task A_question_the_client_does_not_answer_has_no_answer_within_the_limit()
    {
        _ = RunAsync();

        Assert.Null(await _client.Connection.AskAsync(Message("""{"id":5,"method":"approve"}"""), TimeSpan.FromMilliseconds(20)).WaitAsync(Wait.Limit));
    }

    [Fact]
    public async Task A_question_to_a_client_that_goes_away_has_no_answer_at_once()
    {
        _ = RunAsync();
        var asking = _client.Connection.AskAsync(Message("""{"id":5,"method":"approve"}"""), TimeSpan.FromHours(1));
        _client.Pipe.EndThere();

        Assert.Null(await asking.WaitAsync(Wait.Limit));
    }

    [Fact]
    public async Task Answers_to_nothing_and_notifications_of_a_client_are_passed_over()
    {
        _ = RunAsync();
        await _client.Side.SayAsync("""{"id":"ask-99","result":{}}""");
        await _client.Side.SayAsync("""{"method":"initialized"}""");

        await AssertAnswersAsync();
        Assert.Equal(0, _client.Connection.Malformed);
    }

    [Fact]
    public async Task A_client_that_hangs_up_is_gone()
    {
        var running = RunAsync();
        _client.Pipe.EndThere();

        await running.WaitAsync(Wait.Limit);
        Assert.True(_client.Connection.IsGone);
        Assert.True(_client.Connection.Gone.IsCancellationRequested);
    }

    [Fact]
    public async Task What_is_queued_gets_out_before_a_client_is_dismissed()
    {
        _ = RunAsync();
        for (var n = 0; n < 100; n++)
            _client.Connection.Notify("bye", Encoding.UTF8.GetBytes($$"""{"n":{{n}}}"""));
        await _client.Connection.FinishAsync();

        for (var n = 0; n < 100; n++)
            Assert.Equal(n, (await _client.Side.ReadAsync()).ReadParams().GetProperty("n").GetInt32());
        Assert.True(_client.Connection.IsGone);
    }

    private Task RunAsync() => _client.Connection.RunAsync(HandleAsync);

    private async Task HandleAsync(ClientConnection client, RpcMessage request)
    {
        if (request.Method == "fails")
            throw new InvalidOperationException("a fault of the broker");
        if (request.Method == "turn")
            await _turn.Task;
        client.Reply(request.Id, RpcJson.EmptyObject);
    }

    private async Task AssertAnswersAsync()
    {
        await _client.Side.SayAsync("""{"id":"still there?","method":"read"}""");
        Assert.Equal("\"still there?\"", Id(await _client.Side.ReadAsync()));
    }

    private static RpcMessage Message(string line) => RpcMessage.Parse(Encoding.UTF8.GetBytes(line), out _)!;

    private static string Id(RpcMessage message) => Encoding.UTF8.GetString(message.Id.Span);

    private static int Code(RpcMessage message) => RpcMessage.ToElement(message.Error).GetProperty("code").GetInt32();
}
