using System.Text;
using Xunit;

namespace CodexCompanion.Tool.Tests.Commands;

public sealed class TaskPromptTests : IDisposable
{
    private readonly ToolBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("run pytest --write 'C:\\x'")]
    [InlineData("  two  blanks\tand tabs  ")]
    [InlineData("line\r\nline\n")]
    [InlineData("\"quotes\" $HOME `cmd` \\ \u00e4\u6f22\U0001F600")]
    [InlineData("fix it --write")]
    public async Task An_argument_is_sent_byte_for_byte_and_changes_nothing_else(string prompt)
    {
        await RunAsync("task", prompt);
        Assert.Equal(prompt, _bench.Run.Request!.Prompt);
        Assert.False(_bench.Run.Request.MayWrite);
        Assert.False(_bench.StdinTouched);
    }

    [Fact]
    public async Task Several_words_are_joined_by_one_blank_each()
    {
        await RunAsync("task", "--write", "fix", "--it", "-m", "now");
        Assert.Equal("fix --it -m now", _bench.Run.Request!.Prompt);
        Assert.True(_bench.Run.Request.MayWrite);
        Assert.Null(_bench.Run.Request.Model);
    }

    [Fact]
    public async Task A_late_option_is_text_and_one_note_says_so()
    {
        var end = await RunAsync("task", "fix", "it", "--model", "spark");
        Assert.Single(end.Error.Split('\n'), line => line.StartsWith("note: '--model spark' at the end", StringComparison.Ordinal));
        Assert.Contains("'--model spark' at the end", _bench.JobLog, StringComparison.Ordinal);
    }

    [Fact]
    public async Task For_programs_the_note_stays_in_the_log()
    {
        var end = await RunAsync("task", "--json", "fix it --write");
        Assert.DoesNotContain("note", end.Error, StringComparison.Ordinal);
        Assert.Contains("'--write' at the end", _bench.JobLog, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("caf\u00e9\r\n\ttext without end")]
    [InlineData("\n\n leading and trailing \n\n")]
    public async Task A_prompt_file_is_sent_as_it_is(string content)
    {
        _bench.WriteFile("prompt.md", content);
        await RunAsync("task", "--prompt-file", "prompt.md");
        Assert.Equal(content, _bench.Run.Request!.Prompt);
        Assert.False(_bench.StdinTouched);
    }

    [Fact]
    public async Task Files_are_named_from_where_the_command_was_given_not_from_cwd()
    {
        _bench.WriteFile("prompt.md", "from here");
        var other = Directory.CreateDirectory(Path.Combine(_bench.Work, "other")).FullName;
        await RunAsync("task", "--cwd", "other", "--prompt-file", "prompt.md");
        Assert.Equal("from here", _bench.Run.Request!.Prompt);
        Assert.Equal(other, _bench.Run.Request.Cwd);
    }

    [Theory]
    [InlineData("task")]
    [InlineData("task --prompt-file -")]
    public async Task Stdin_is_read_to_its_end_however_slowly_it_comes(string line)
    {
        var prompt = string.Concat(Enumerable.Range(0, 100_000).Select(i => $"{i} \u00e4\u6f22\n"));
        Assert.True(Encoding.UTF8.GetByteCount(prompt) > 900_000);
        using var slow = new ChunkedStream(Encoding.UTF8.GetBytes(prompt), chunk: 4093);
        _bench.Stdin = slow;
        await RunAsync(line.Split(' '));
        Assert.Equal(prompt, _bench.Run.Request!.Prompt);
    }

    [Fact]
    public async Task A_mark_of_the_encoding_is_not_part_of_the_prompt()
    {
        _bench.StdinText("\uFEFFtext");
        await RunAsync("task");
        Assert.Equal("text", _bench.Run.Request!.Prompt);
    }

    [Fact]
    public async Task Material_goes_below_the_prompt()
    {
        _bench.WriteFile("notes.md", "one\ntwo\n");
        await RunAsync("task", "--context-file", "notes.md", "sum up");
        Assert.Equal("sum up\n\nMaterial from notes.md:\n\none\ntwo\n", _bench.Run.Request!.Prompt);
    }

    [Fact]
    public async Task The_end_of_the_text_is_looked_at_not_that_of_the_material()
    {
        _bench.WriteFile("notes.md", "run it with --json");
        Assert.DoesNotContain("note:", (await RunAsync("task", "--context-file", "notes.md", "sum up")).Error, StringComparison.Ordinal);
        var end = await RunAsync("task", "--context-file", "notes.md", "sum up --write");
        Assert.Contains("note: '--write' at the end was taken as part of the text", end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_said_of_the_end_of_a_text_that_was_set_apart()
    {
        Assert.DoesNotContain("note:", (await RunAsync("task", "--", "what does", "--write")).Error, StringComparison.Ordinal);
        _bench.StdinText("-- what does --write");
        Assert.DoesNotContain("note:", (await RunAsync("task", "--arguments-stdin")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_late_option_of_a_raw_line_is_noticed()
    {
        _bench.StdinText("--model spark fix it --write\n");
        var end = await RunAsync("task", "--arguments-stdin");
        Assert.Contains("note: '--write' at the end was taken as part of the text", end.Error, StringComparison.Ordinal);
        Assert.False(_bench.Run.Request!.MayWrite);
    }

    [Fact]
    public async Task A_prompt_file_is_found_when_the_directory_of_the_caller_is_gone()
    {
        var file = _bench.WriteFile("prompt.md", "from there");
        _bench.CurrentDirectory = ""; // As the process says of a deleted one.
        await RunAsync("task", "--cwd", _bench.Work, "--prompt-file", file);
        Assert.Equal("from there", _bench.Run.Request!.Prompt);
    }

    [Fact]
    public async Task Material_may_come_from_stdin_when_the_prompt_does_not()
    {
        _bench.StdinText("+ a line\n");
        await RunAsync("task", "--context-file", "-", "is this safe?");
        Assert.EndsWith("\n\nMaterial from stdin:\n\n+ a line\n", _bench.Run.Request!.Prompt, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_raw_line_of_arguments_gives_options_and_the_untouched_rest()
    {
        _bench.StdinText("--write -m spark fix \"it\" --json\n");
        await RunAsync("task", "--arguments-stdin");
        Assert.Equal("fix \"it\" --json\n", _bench.Run.Request!.Prompt);
        Assert.True(_bench.Run.Request.MayWrite);
        Assert.Equal("gpt-5.3-codex-spark", _bench.Run.Request.Model);
    }

    [Fact]
    public async Task A_raw_line_may_name_a_prompt_file()
    {
        _bench.WriteFile("my prompt.md", "the prompt");
        _bench.StdinText("--prompt-file \"my prompt.md\"\n");
        await RunAsync("task", "--arguments-stdin");
        Assert.Equal("the prompt", _bench.Run.Request!.Prompt);
    }

    [Fact]
    public async Task A_raw_line_may_ask_for_help()
    {
        _bench.StdinText("--help");
        var end = await _bench.RunAsync("task", "--arguments-stdin");
        Assert.Equal(0, end.ExitCode);
        Assert.Contains("Usage: codex-companion task", end.Out, StringComparison.Ordinal);
    }

    private async Task<ToolEnd> RunAsync(params string[] arguments)
    {
        var end = await _bench.RunAsync(arguments);
        Assert.Equal(0, end.ExitCode);
        Assert.NotNull(_bench.Run.Request);
        return end;
    }

    /// <summary>Gives what it has in small pieces, as a slow writer does.</summary>
    private sealed class ChunkedStream(byte[] content, int chunk) : MemoryStream(content)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, chunk));

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, chunk)]);
    }
}
