using Xunit;

namespace CodexCompanion.Tool.Tests.Commands;

/// <summary>Wrong input: one sentence, the right exit code, nothing started, nothing recorded.</summary>
public sealed class TaskInputTests : IDisposable
{
    private readonly ToolBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("--wirte x", "Unknown option '--wirte'.")]
    [InlineData("--fresh --resume x", "--fresh and --resume exclude each other.")]
    [InlineData("--fresh --thread T x", "--fresh and --thread exclude each other.")]
    [InlineData("--resume-last --thread T x", "--resume and --thread exclude each other.")]
    [InlineData("--write --sandbox read-only x", "--write and --sandbox read-only exclude each other.")]
    [InlineData("--sandbox none x", "Unknown sandbox mode 'none'; use read-only, workspace-write or danger-full-access.")]
    [InlineData("--time-limit soon x", "--time-limit needs a time like 90s, 15m or 1h, and got 'soon'.")]
    [InlineData("--stall-limit 0 x", "--stall-limit needs a time like 90s, 15m or 1h, and got '0'.")]
    [InlineData("-c novalue x", "-c needs KEY=VALUE, and got 'novalue'.")]
    [InlineData("-c =1 x", "-c needs KEY=VALUE, and got '=1'.")]
    [InlineData("--model= x", "--model needs a value (MODEL).")]
    [InlineData("--model a --model b x", "--model was given more than once.")]
    [InlineData("--background --hand-over 5s x", "--background and --hand-over exclude each other: the one prints the job's id at once, the other after a time.")]
    [InlineData("--hand-over soon x", "--hand-over needs a time like 90s, 15m or 1h, and got 'soon'.")]
    [InlineData("--prompt-file p x", "The prompt was given twice: give it as arguments, by --prompt-file or on stdin.")]
    [InlineData("--prompt-file none", "--prompt-file none: there is no such file.")]
    [InlineData("--prompt-file none/p", "--prompt-file none/p: there is no such file.")]
    [InlineData("--prompt-file .", "--prompt-file .: that is a directory.")]
    [InlineData("--context-file none x", "--context-file none: there is no such file.")]
    [InlineData("--context-file -", "stdin can be used for one thing only: the prompt, the material below it or the arguments.")]
    [InlineData("--prompt-file - --context-file -", "stdin can be used for one thing only: the prompt, the material below it or the arguments.")]
    [InlineData("--profile p x", "The app-server of codex takes no profile. Give its keys with -c KEY=VALUE, or put them into codexConfig of the configuration.")]
    [InlineData("-c profile=p x", "The app-server of codex takes no profile. Give its keys with -c KEY=VALUE, or put them into codexConfig of the configuration.")]
    [InlineData("-p p x", "The app-server of codex takes no profile. Give its keys with -c KEY=VALUE, or put them into codexConfig of the configuration.")]
    [InlineData("--service-tier flex x", "The service tier is given with -c service_tier=TIER, or as codexConfig of the configuration.")]
    [InlineData("--cwd none x", "--cwd none: there is no such directory.")]
    public Task A_wrong_line_is_refused(string line, string message) => RefusedAsync(2, message, ["task", .. line.Split(' ')]);

    [Theory]
    [InlineData("")]
    [InlineData(" \n\t ")]
    public async Task An_empty_prompt_is_refused_wherever_it_comes_from(string prompt)
    {
        await RefusedAsync(2, "The prompt is empty.", "task", prompt);
        _bench.WriteFile("p", prompt);
        await RefusedAsync(2, "The prompt is empty.", "task", "--prompt-file", "p");
        _bench.StdinText(prompt);
        await RefusedAsync(2, "The prompt is empty.", "task");
        _bench.StdinText("--write " + prompt);
        await RefusedAsync(2, "The prompt is empty.", "task", "--arguments-stdin");
    }

    [Fact]
    public async Task A_terminal_is_not_waited_for()
    {
        _bench.StdinIsTerminal = true;
        await RefusedAsync(2, "Nothing was given: the prompt would be read from stdin, and that is a terminal.", "task");
        Assert.False(_bench.StdinTouched);
    }

    [Fact]
    public async Task A_terminal_is_not_waited_for_and_it_is_said_how_to_give_the_material_instead()
    {
        _bench.StdinIsTerminal = true;
        var end = await _bench.RunAsync("task", "--context-file", "-", "x");
        Assert.Equal(
            (2, "error: Nothing was given: the material would be read from stdin, and that is a terminal.\nhint: Pipe it in, or name its file: --context-file FILE.\n"),
            (end.ExitCode, end.Error));
        Assert.DoesNotContain("--prompt-file", (await _bench.RunAsync("review", "--arguments-stdin")).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--prompt-file a\0b", "--prompt-file")]
    [InlineData("--context-file 'a\0b' text", "--context-file")]
    [InlineData("--cwd=\0 text", "--cwd")]
    [InlineData("--model gpt\0 text", "--model")]
    [InlineData("-c model=\0 text", "--config")]
    public async Task A_NUL_in_an_option_is_refused_whichever_it_is(string line, string option)
    {
        _bench.StdinText(line);
        await RefusedAsync(2, $"{option} was given a value with a NUL character in it.", "task", "--arguments-stdin");
    }

    [Fact]
    public async Task A_NUL_in_a_path_of_a_review_is_refused()
    {
        _bench.StdinText("-- a.cs b\0.cs");
        await RefusedAsync(2, "There is a NUL character in a path after '--'.", "review", "--arguments-stdin");
    }

    [Fact]
    public async Task Two_sources_of_the_raw_line_are_refused()
    {
        _bench.StdinText("text");
        await RefusedAsync(2, "The prompt was given twice: give it as arguments, by --prompt-file or on stdin.", "task", "--arguments-stdin", "more");
    }

    [Fact]
    public async Task What_is_not_utf8_is_not_sent_in_another_spelling()
    {
        _bench.Stdin = new MemoryStream([0x66, 0xFC, 0x72]);
        await RefusedAsync(2, "stdin is not UTF-8 text.", "task");
        await File.WriteAllBytesAsync(Path.Combine(_bench.Work, "p"), [0xFF, 0xFE, 0x66, 0x00]);
        await RefusedAsync(2, "--prompt-file p is not UTF-8 text.", "task", "--prompt-file", "p");
    }

    [Fact]
    public async Task A_prompt_that_codex_would_refuse_is_refused_before_any_work()
    {
        _bench.StdinText(new string('x', 1_048_577));
        await RefusedAsync(2, "The prompt has 1048577 characters; Codex takes at most 1048576.", "task");
        _bench.StdinText(string.Concat(Enumerable.Repeat("\U0001F600", 600_000)));
        Assert.Equal(0, (await _bench.RunAsync("task", "--json")).ExitCode);
    }

    [Fact]
    public async Task In_a_directory_that_is_gone_it_is_said_what_to_do()
    {
        _bench.CurrentDirectory = "";
        Assert.Contains("hint: Name one that is there with --cwd.", (await _bench.RunAsync("task", "x")).Error, StringComparison.Ordinal);
        await RefusedAsync(2, "The current directory is gone, so --cwd needs an absolute path.", "task", "-C", "work", "x");
        await RefusedAsync(2, "The current directory is gone, so --prompt-file needs an absolute path.", "task", "-C", _bench.Work, "--prompt-file", "p");
    }

    [Fact]
    public async Task A_file_as_working_directory_is_refused()
    {
        _bench.WriteFile("file", "");
        await RefusedAsync(2, "--cwd file: not a directory.", "task", "-C", "file", "x");
    }

    [Fact]
    public async Task A_broken_configuration_is_told_with_its_line()
    {
        var path = _bench.WriteUserConfig("{\n\"modle\": \"x\"}");
        await RefusedAsync(2, $"{path}:2: unknown key \"modle\"; did you mean \"model\"?", "task", "x");
    }

    [Fact]
    public async Task A_state_root_that_cannot_be_written_is_told_before_any_work()
    {
        var file = _bench.WriteFile("file", "");
        _bench.Variables["CODEX_COMPANION_STATE_DIR"] = Path.Combine(file, "state");
        var end = await _bench.RunAsync("task", "x");
        Assert.Equal(1, end.ExitCode);
        Assert.StartsWith("error: ", end.Error, StringComparison.Ordinal);
        Assert.Contains(file, end.Error, StringComparison.Ordinal);
        Assert.Null(_bench.Run.Request);

        var json = await _bench.RunAsync("task", "--json", "x");
        Assert.Equal("state", json.Json.GetProperty("error").GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("task x")]
    [InlineData("status")]
    [InlineData("usage")]
    [InlineData("findings list")]
    public async Task A_state_root_that_is_no_absolute_path_is_a_wrong_setting(string line)
    {
        _bench.Variables["CODEX_COMPANION_STATE_DIR"] = "state";
        await RefusedAsync(2, "CODEX_COMPANION_STATE_DIR must be an absolute path, and is \"state\".", line.Split(' '));
    }

    [Fact]
    public async Task Programs_get_the_error_as_one_object_on_stdout()
    {
        var end = await _bench.RunAsync("task", "--wirte", "--json", "x");
        Assert.Equal(2, end.ExitCode);
        Assert.Empty(end.Error);
        Assert.Equal(
            """{"error":{"code":"usage","message":"Unknown option '--wirte'.","hint":"Did you mean '--write'?","retryable":false}}""" + "\n", end.Out);
    }

    private async Task RefusedAsync(int exitCode, string message, params string[] arguments)
    {
        var end = await _bench.RunAsync(arguments);
        Assert.Equal(exitCode, end.ExitCode);
        Assert.StartsWith($"error: {message}\n", end.Error, StringComparison.Ordinal);
        Assert.InRange(end.Error.Count(c => c == '\n'), 1, 2);
        Assert.Empty(end.OutBytes);
        Assert.Null(_bench.Run.Request);
        Assert.False(Directory.Exists(_bench.StateRootPath));
    }
}
