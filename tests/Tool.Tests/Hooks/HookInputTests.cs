using System.Text;
using CodexCompanion.Tool.Hooks;
using Xunit;

namespace CodexCompanion.Tool.Tests.Hooks;

public sealed class HookInputTests : IDisposable
{
    private readonly ToolBench _bench = new();

    public static TheoryData<string> NoObjects => ["[1]", "\"text\"", "{", "{\"session_id\":", "nonsense", "{}{}", "\u0001\u0002", "{\"a\":}"];

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void What_is_known_is_read_and_what_is_unknown_is_passed_over()
    {
        var input = Of("\uFEFF{\"session_id\":\"s\",\"cwd\":\"/w\",\"transcript_path\":\"/t.jsonl\",\"stop_hook_active\":true,\"agent_id\":\"a\",\"last_assistant_message\":\"m\",\"more\":{\"x\":[1]}}\n");
        Assert.Equal(
            ("s", "/w", "/t.jsonl", true, "a", "m", null),
            (input.SessionId, input.Cwd, input.TranscriptPath, input.StopHookActive, input.AgentId, input.LastAssistantMessage, input.Problem));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n")]
    [InlineData("{}")]
    [InlineData("{\"session_id\":null,\"cwd\":7,\"stop_hook_active\":\"yes\",\"transcript_path\":\"\\ud800\"}")]
    public void Missing_and_odd_members_are_missing(string text) => Assert.Equal(new HookInput(), Of(text));

    [Theory]
    [MemberData(nameof(NoObjects))]
    public void What_is_no_object_is_a_problem_and_not_a_crash(string text) =>
        Assert.StartsWith("The hook's input is ", Of(text).Problem, StringComparison.Ordinal);

    [Fact]
    public async Task A_stream_that_is_never_closed_is_read_to_the_end_of_its_object()
    {
        using var stdin = new EndlessStream("{\"session_id\":", "\"s\"", "}\n");
        _bench.Stdin = stdin;
        var input = await HookInputReader.ReadAsync(_bench.Host(Stream.Null, Stream.Null), TimeSpan.FromMinutes(1));
        Assert.Equal("s", input.SessionId);
    }

    [Theory]
    [InlineData]
    [InlineData("{\"session_id\":")]
    public async Task A_stream_that_says_nothing_more_is_left_when_the_time_is_up(params string[] parts)
    {
        using var stdin = new EndlessStream(parts);
        var time = new ManualTime();
        _bench.Stdin = stdin;
        var reading = HookInputReader.ReadAsync(_bench.Host(Stream.Null, Stream.Null) with { Time = time }, TimeSpan.FromMilliseconds(60));
        await stdin.Silent;
        Assert.False(reading.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(60));
        Assert.Equal(new HookInput(), await reading);
    }

    [Fact]
    public async Task A_stream_that_cannot_be_read_is_an_empty_one()
    {
        using var stdin = new BrokenStream();
        _bench.Stdin = stdin;
        Assert.Equal(new HookInput(), await HookInputReader.ReadAsync(_bench.Host(Stream.Null, Stream.Null), TimeSpan.FromMinutes(1)));
    }

    private static HookInput Of(string text) => HookInput.Of(Encoding.UTF8.GetBytes(text));

    /// <summary>Gives its parts, one a read, and then neither more nor an end.</summary>
    private sealed class EndlessStream(params string[] parts) : MemoryStream
    {
        private readonly Queue<string> _parts = new(parts);
        private readonly TaskCompletionSource _silent = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim _end = new();

        /// <summary>Completes when somebody waits for what never comes.</summary>
        public Task Silent => _silent.Task;

        public override int Read(byte[] buffer, int offset, int count)
        {
            if (_parts.TryDequeue(out var part))
                return Encoding.UTF8.GetBytes(part, buffer.AsSpan(offset, count));
            _silent.TrySetResult();
            _end.Wait();
            return 0;
        }

        protected override void Dispose(bool disposing)
        {
            _end.Set();
            base.Dispose(disposing);
        }
    }

    private sealed class BrokenStream : MemoryStream
    {
        public override int Read(byte[] buffer, int offset, int count) => throw new IOException("Bad file descriptor");
    }
}
