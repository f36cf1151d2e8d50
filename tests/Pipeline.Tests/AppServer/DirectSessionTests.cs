using System.Runtime.Versioning;
using System.Text;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Processes;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Tests.Processes;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.AppServer;

[SupportedOSPlatform("linux")]
public sealed class DirectSessionTests
{
    // Answers calls by what stands in them; ids are counted from 1, which initialize has.
    private const string Script = FakeCodex.Start + """
         id=$(echo "$line" | sed 's/.*"id":\([0-9]*\).*/\1/')
        case "$line" in
        *'"ask"'*) echo '{"id":"q1","method":"item/tool/call","params":{}}'; echo "{\"id\":$id,\"result\":{\"asked\":true}}";;
        *'"fail"'*) echo "{\"id\":$id,\"error\":{\"code\":-32600,\"message\":\"no such thread\"}}";;
        *turn/interrupt*) echo "{\"id\":$id,\"result\":{}}"; echo '{"method":"turn/completed","params":{"threadId":"t","turn":{"id":"u"}}}';;
        *'"id":"q1"'*) echo "$line" >> "$HOME/answers";;
        *) echo "{\"id\":$id,\"result\":{}}";;
        esac; done
        """;

    [LinuxFact]
    public async Task Calls_are_answered_with_the_result_or_the_servers_error()
    {
        using var codex = new FakeCodex(Script);
        await using var session = await StartAsync(codex);
        Assert.True((await session.CallAsync("ask", RpcJson.EmptyObject, Wait.Limit)).GetProperty("asked").GetBoolean());
        var refused = await Assert.ThrowsAsync<RpcErrorException>(() => session.CallAsync("fail", RpcJson.EmptyObject, Wait.Limit));
        Assert.Equal(("fail", "no such thread"), (refused.Method, refused.Error.Message));
        Assert.Equal(SessionKind.Direct, session.Kind);
        Assert.Equal(new Version(0, 169, 0), session.Info.Version);
    }

    [LinuxFact]
    public async Task Requests_of_the_server_are_answered_by_policy_and_told()
    {
        using var codex = new FakeCodex(Script);
        await using var session = await StartAsync(codex);
        var told = new TaskCompletionSource<string>();
        using (session.SubscribeAnswers(told.SetResult))
        {
            await session.CallAsync("ask", RpcJson.EmptyObject, Wait.Limit);
            Assert.Equal("Said no to item/tool/call.", await told.Task.WaitAsync(Wait.Limit));
        }

        await Wait.UntilAsync(() => File.Exists(codex["answers"]) && new FileInfo(codex["answers"]).Length > 0, "the answer arrived");
        Assert.Equal("""{"id":"q1","result":{"ok":false}}""", (await File.ReadAllTextAsync(codex["answers"])).Trim());
    }

    [LinuxFact]
    public async Task A_turn_is_stopped_with_what_it_started()
    {
        using var codex = new FakeCodex(Script);
        await using var session = await StartAsync(codex);
        var job = Child.UniqueMark();
        using var command = Child.Start(Child.Shell("exec sleep 600", Child.With("CODEX_COMPANION_JOB", job)));
        await Wait.UntilAsync(() => codex.Tree.Marked("CODEX_COMPANION_JOB", job).Count == 1, "the command runs");
        var proof = await session.StopTurnAsync(new TurnToStop(job, "t", "u")).WaitAsync(Wait.Limit);
        Assert.True(proof.InterruptSent);
        Assert.True(proof.TurnEnded);
        Assert.Empty(proof.ProcessesLeft);
        await command.Exited.WaitAsync(Wait.Limit);
    }

    [LinuxFact]
    public async Task A_turn_of_a_server_that_is_gone_has_ended()
    {
        using var codex = new FakeCodex(FakeCodex.Start + " kill -9 $$; done");
        await using var session = await StartAsync(codex);
        await session.Ended.WaitAsync(Wait.Limit);
        var proof = await session.StopTurnAsync(new TurnToStop(Child.UniqueMark(), "t", "u")).WaitAsync(Wait.Limit);
        Assert.True(proof.TurnEnded);
    }

    [LinuxFact]
    public async Task Whoever_stopped_listening_hears_no_more()
    {
        using var codex = new FakeCodex(Script);
        await using var session = await StartAsync(codex);
        var (first, second) = (0, 0);
        var subscription = session.Subscribe(_ => first++);
        using var other = session.Subscribe(_ => second++);
        await session.CallAsync("turn/interrupt", RpcJson.EmptyObject, Wait.Limit);
        await session.CallAsync("any", RpcJson.EmptyObject, Wait.Limit); // Answered behind the notification.
        subscription.Dispose();
        await session.CallAsync("turn/interrupt", RpcJson.EmptyObject, Wait.Limit);
        await session.CallAsync("any", RpcJson.EmptyObject, Wait.Limit);
        Assert.Equal((1, 2), (first, second));
    }

    [LinuxFact]
    public async Task The_end_of_the_session_is_the_end_of_the_server()
    {
        using var codex = new FakeCodex("setsid sleep 600 & " + Script);
        var session = await StartAsync(codex);
        await session.ReleaseThreadAsync("t");
        Assert.NotEmpty(codex.Left());
        await session.DisposeAsync();
        Assert.Empty(codex.Left());
        Assert.Equal(LossKind.ClosedHere, (await session.Ended).Kind);
    }

    private static async Task<DirectSession> StartAsync(FakeCodex codex)
    {
        var receiver = new DirectReceiver(new SaysNo());
        var processes = new TurnProcesses(codex.Tree, new ProcessEnder(Child.Table, TimeProvider.System));
        return new DirectSession(await codex.StartAsync(receiver), receiver, processes, codex.Limits, TimeProvider.System);
    }

    private sealed class SaysNo : IServerRequestPolicy
    {
        public ServerRequestAnswer Answer(RpcMessage request) =>
            new(Encoding.UTF8.GetBytes("""{"ok":false}"""), Error: null, $"Said no to {request.Method}.");
    }
}
