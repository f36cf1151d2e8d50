using System.Text.Json;
using CodexCompanion.Tool.Selftest.Simulator.Script;
using CodexCompanion.Tool.Tests.Jobs;
using CodexCompanion.Tool.Tests.Selftest.Simulator;
using CodexCompanion.Tool.Transfer;
using Xunit;

namespace CodexCompanion.Tool.Tests.Transfer;

/// <summary>transfer against the simulated app-server, started as codex would be.</summary>
public sealed class TransferTests : IDisposable
{
    private const string Session = "0199aaaa-0000-4000-8000-000000000001";

    private readonly ToolBench _tool = new();
    private readonly SimulationFolder _simulation = new();

    public TransferTests()
    {
        _tool.Variables["CODEX_HOME"] = _simulation.Home;
        _tool.Variables["CODEX_COMPANION_CODEX"] = JobProcessBench.Program;
    }

    private string Home => _tool.Variables["HOME"];

    public void Dispose()
    {
        _tool.Dispose();
        _simulation.Dispose();
    }

    [Theory]
    [InlineData("0.169")]
    [InlineData("0.142")]
    public async Task A_session_becomes_a_thread_and_a_second_time_it_is_known(string dialect)
    {
        _simulation.Use(new SimulationScript(Dialect: dialect));
        var transcript = Transcript(Path.Combine(Home, ".claude"));

        var first = (await _tool.RunAsync("transfer", "--source", transcript, "--json")).Json;
        var second = await _tool.RunAsync("transfer", "--source", transcript);
        File.AppendAllText(transcript, "{\"type\":\"user\"}\n");
        var grown = (await _tool.RunAsync("transfer", "--source", transcript, "--json")).Json;

        var thread = first.GetProperty("threadId").GetString()!;
        Assert.Equal(($"codex resume {thread}", transcript, Session, false), (
            first.GetProperty("resumeCommand").GetString(), first.GetProperty("sourcePath").GetString(), first.GetProperty("sessionId").GetString(),
            first.GetProperty("alreadyImported").GetBoolean()));
        Assert.StartsWith($"The session was already imported as Codex thread {thread}.", second.Out, StringComparison.Ordinal);
        Assert.False(grown.GetProperty("alreadyImported").GetBoolean());
        Assert.Equal(dialect is "0.169", thread == grown.GetProperty("threadId").GetString());
    }

    [Fact]
    public async Task The_session_that_calls_needs_no_name_wherever_claude_keeps_it()
    {
        var configured = Path.Combine(_tool.Root, "claude elsewhere");
        Transcript(configured);
        _tool.Variables["CLAUDE_CONFIG_DIR"] = configured;
        _tool.Variables["CLAUDE_CODE_SESSION_ID"] = Session;

        var first = await _tool.RunAsync("transfer", "--json");
        var second = await _tool.RunAsync("transfer", "--json");

        Assert.Equal(0, first.ExitCode);
        Assert.True(second.Json.GetProperty("alreadyImported").GetBoolean());
        Assert.Equal(first.Json.GetProperty("threadId").GetString(), second.Json.GetProperty("threadId").GetString());
        Assert.Equal(Path.Combine(configured, "projects", "-work", Session + ".jsonl"), first.Json.GetProperty("sourcePath").GetString());
        Assert.False(Directory.Exists(Path.Combine(_tool.Store.Paths.Directory, "transfer")));
    }

    [Fact]
    public async Task Paths_that_lead_elsewhere_are_refused()
    {
        var foreign = Path.Combine(_tool.Root, "foreign.jsonl");
        File.WriteAllText(foreign, "{}\n");
        var projects = Directory.CreateDirectory(Path.Combine(Home, ".claude", "projects", "-work")).FullName;
        var link = Path.Combine(projects, "link.jsonl");
        File.CreateSymbolicLink(link, foreign);
        var other = Path.Combine(projects, "notes.txt");
        File.WriteAllText(other, "x");

        foreach (var path in (string[])[foreign, link, other, Path.Combine(projects, "..", "..", "..", "..", "foreign.jsonl"), Path.Combine(projects, "missing.jsonl")])
        {
            var end = await _tool.RunAsync("transfer", "--source", path, "--json");
            Assert.Equal((2, "usage"), (end.ExitCode, end.Json.GetProperty("error").GetProperty("code").GetString()));
        }

        Assert.Equal(2, (await _tool.RunAsync("transfer")).ExitCode);
        Assert.Empty(_simulation.Journal.Events);
    }

    [Fact]
    public async Task A_transcript_that_would_take_the_machines_memory_is_refused()
    {
        var transcript = Transcript(Path.Combine(Home, ".claude"));
        using (var file = File.OpenWrite(transcript))
            file.SetLength((256L << 20) + (1 << 20)); // A hole; nothing is written.

        var end = await _tool.RunAsync("transfer", "--source", transcript);

        Assert.Equal(2, end.ExitCode);
        Assert.StartsWith($"error: {transcript} has 257 MiB; sessions over 256 MiB are not transferred", end.Error, StringComparison.Ordinal);
        Assert.Empty(_simulation.Journal.Events);
        Assert.Equal("error: --source needs the path of a transcript (JSONL).\n", (await _tool.RunAsync("transfer", "--source", "")).Error);
    }

    // Claude names them by a session's id; anybody may put another there, and "..." before the ending is ".." without it.
    [Fact]
    public async Task A_transcripts_name_never_leads_out_of_the_folder_it_is_copied_to()
    {
        var configured = Path.Combine(_tool.Root, "claude elsewhere");
        var dots = Path.Combine(Path.GetDirectoryName(Transcript(configured))!, "...jsonl");
        File.Move(Transcript(configured), dots);
        _tool.Variables["CLAUDE_CONFIG_DIR"] = configured;
        _tool.Store.EnsureCreated();
        var kept = Path.Combine(_tool.Store.Paths.Directory, "kept");
        File.WriteAllText(kept, "");

        await _tool.RunAsync("transfer", "--source", dots);

        Assert.True(File.Exists(kept));
    }

    [LinuxFact]
    public async Task A_pipe_is_refused_and_not_waited_for()
    {
        var pipe = Path.Combine(Path.GetDirectoryName(Transcript(Path.Combine(Home, ".claude")))!, "pipe.jsonl");
        using (var made = System.Diagnostics.Process.Start("mkfifo", pipe))
            await made.WaitForExitAsync();

        var refused = await _tool.RunAsync("transfer", "--source", pipe);

        Assert.Equal((2, $"error: {pipe} is no regular file.\n"), (refused.ExitCode, refused.Error));
    }

    [Fact]
    public async Task Two_at_once_make_one_thread_and_what_a_killed_one_left_is_removed()
    {
        _simulation.Use(new SimulationScript(Dialect: "0.142"));
        var configured = Path.Combine(_tool.Root, "claude elsewhere");
        var transcript = Transcript(configured);
        _tool.Variables["CLAUDE_CONFIG_DIR"] = configured;
        _tool.Store.EnsureCreated();
        var left = Directory.CreateDirectory(Path.Combine(_tool.Store.Paths.Directory, "transfer", "killed")).FullName;

        string[] call = ["transfer", "--source", transcript, "--json"];
        var ends = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => _tool.RunAsync(call))));

        Assert.Single(ends.Select(end => end.Json.GetProperty("threadId").GetString()).Distinct());
        Assert.Single(ends, end => !end.Json.GetProperty("alreadyImported").GetBoolean());
        Assert.False(Directory.Exists(left));
    }

    [Fact]
    public async Task Where_the_current_directory_is_gone_a_relative_path_is_refused()
    {
        _tool.CurrentDirectory = "";

        var end = await _tool.RunAsync("transfer", "--source", "session.jsonl", "--cwd", _tool.Work);

        Assert.Equal((2, "error: The current directory is gone, so --source needs an absolute path.\n"), (end.ExitCode, end.Error));
    }

    [Fact]
    public void A_copy_that_cannot_be_finished_is_not_left()
    {
        var source = new TranscriptSource(Path.Combine(_tool.Root, "-work", "vanished.jsonl"), Session, Cwd: null, IsWhereCodexLooks: false);

        Assert.ThrowsAny<IOException>(() => StagedHome.Create(_tool.Root, source, _tool.Variables));

        Assert.False(Directory.Exists(Path.Combine(_tool.Root, "transfer")));
    }

    [Fact]
    public void Half_a_line_at_the_end_of_a_growing_transcript_is_left_out()
    {
        var transcript = Transcript(Path.Combine(_tool.Root, "elsewhere"));
        File.AppendAllText(transcript, "{\"type\":\"user\",\"mess");
        var source = new TranscriptSource(transcript, Session, Cwd: null, IsWhereCodexLooks: false);

        using var staged = StagedHome.Create(_tool.Root, source, _tool.Variables);

        Assert.EndsWith("}\n", File.ReadAllText(staged.Transcript), StringComparison.Ordinal);
        Assert.Equal(_simulation.Home, staged.Variables["CODEX_HOME"]);
    }

    [Fact]
    public void An_old_server_that_names_no_thread_has_it_in_its_own_list()
    {
        const string transcript = "/home/me/.claude/projects/-x/s.jsonl";
        File.WriteAllText(Path.Combine(_simulation.Home, "external_agent_session_imports.json"), $$"""
            {"records":[
              {"source_path":"{{transcript}}","imported_thread_id":"older","imported_at":1},
              {"source_path":"{{transcript}}","imported_thread_id":"newer","imported_at":2},
              {"source_path":"/another.jsonl","imported_thread_id":"another","imported_at":3}]}
            """);
        using var told = JsonDocument.Parse("""{"itemTypeResults":[{"itemType":"SESSIONS","successes":[{"source":"s","target":null}],"failures":[]}]}""");
        using var silent = JsonDocument.Parse("""{"itemTypeResults":[{"itemType":"SESSIONS","successes":[],"failures":[]}]}""");

        Assert.Equal(new ImportedThread("newer", WasThere: false), SessionImport.Read(told.RootElement, _simulation.Home, transcript, "/").Value);
        Assert.Equal(new ImportedThread("newer", WasThere: true), SessionImport.Read(silent.RootElement, _simulation.Home, transcript, "/").Value);
        Assert.Contains("did not record an imported thread", SessionImport.Read(silent.RootElement, null, transcript, "/").Error!.Message, StringComparison.Ordinal);
        Assert.Equal(
            "Codex did not record an imported thread: the session worked in /not/there, which is no longer there.",
            SessionImport.Read(silent.RootElement, null, transcript, "/not/there").Error!.Message);
        Assert.Contains("does not support Claude session transfer", SessionImport.TooOld().Message, StringComparison.Ordinal);
        Assert.Contains("@openai/codex@latest", SessionImport.TooOld().Hint!, StringComparison.Ordinal);
    }

    [Fact]
    public void Windows_own_way_to_write_a_long_path_is_the_same_path() =>
        Assert.True(ImportRecords.IsSame(@"\\?\C:\Users\me\s.jsonl", @"C:\Users\me\s.jsonl"));

    private string Transcript(string claude)
    {
        var path = Path.Combine(Directory.CreateDirectory(Path.Combine(claude, "projects", "-work")).FullName, Session + ".jsonl");
        File.WriteAllText(path, $$"""{"type":"user","sessionId":"{{Session}}","cwd":"{{_tool.Work}}","message":{"role":"user","content":"hello"} }""" + "\n");
        return path;
    }
}
