using System.Diagnostics;
using System.Runtime.Versioning;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Tests.Processes;
using CodexCompanion.Pipeline.Turns;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.AppServer;

[SupportedOSPlatform("linux")]
public sealed class AppServerLauncherTests
{
    [LinuxFact]
    public async Task A_started_server_is_initialised_and_says_what_it_is()
    {
        using var codex = new FakeCodex(
            "echo 'a wrapper says hello'; echo '{\"method\":\"early\"}'; "
            + FakeCodex.Start + " case \"$line\" in *'\"initialized\"'*) echo '{\"method\":\"after\"}';; esac; done");
        await using var server = await codex.StartAsync();
        Assert.Equal(new Version(0, 169, 0), server.Info.Version);
        Assert.Equal("/home", server.Info.CodexHome);
        Assert.Equal(server.Identity, server.Info.Process);
        await Wait.UntilAsync(() => codex.Said.All.EndsWith("notification after", StringComparison.Ordinal), "it heard 'initialized'");
        Assert.StartsWith("noise ", codex.Said.All, StringComparison.Ordinal);
        Assert.Contains("notification early", codex.Said.All, StringComparison.Ordinal);
    }

    [LinuxFact]
    public async Task It_is_asked_as_codex_companion_with_the_experimental_methods()
    {
        using var codex = new FakeCodex($"read -r line; echo \"$line\" > \"$HOME/asked\"; echo '{FakeCodex.Initialized}'; cat > /dev/null");
        await using var server = await codex.StartAsync();
        var asked = await File.ReadAllTextAsync(codex["asked"]);
        Assert.Contains("\"clientInfo\":{\"name\":\"codex-companion\",\"title\":\"codex-companion\",\"version\":\"", asked, StringComparison.Ordinal);
        Assert.Contains("\"capabilities\":{\"experimentalApi\":true}", asked, StringComparison.Ordinal);
    }

    [LinuxFact]
    public async Task It_sees_the_mark_and_what_it_needs_and_nothing_else_of_its_caller()
    {
        using var codex = new FakeCodex("env > \"$HOME/environment\"; " + FakeCodex.Answers);
        foreach (var name in new[] { "CLAUDE_SESSION", "GITHUB_TOKEN", "DOTNET_EnableDiagnostics", "CODEX_COMPANION_JOB" })
            codex.Environment[name] = "secret";
        codex.Environment["HTTPS_PROXY"] = "http://proxy";
        await using var server = await codex.StartAsync();
        var environment = await File.ReadAllTextAsync(codex["environment"]);
        Assert.DoesNotContain("secret", environment, StringComparison.Ordinal);
        Assert.Contains("HTTPS_PROXY=http://proxy\n", environment, StringComparison.Ordinal);
        Assert.Contains($"CODEX_COMPANION_INSTANCE={codex.Instance}\n", environment, StringComparison.Ordinal);
    }

    [LinuxFact]
    public async Task A_version_too_old_is_refused_with_the_version_needed_and_how_to_get_it()
    {
        using var codex = new FakeCodex(FakeCodex.Answers.Replace("0.169.0", "0.141.9", StringComparison.Ordinal));
        var failed = await codex.FailAsync();
        Assert.Equal(FailureKind.CodexTooOld, failed.Kind);
        Assert.Equal($"Codex 0.141.9 at {codex.Codex.GivenPath} is too old: version 0.142.0 or newer is needed.", failed.Message);
        Assert.Contains("npm install -g @openai/codex@latest", failed.Hint, StringComparison.Ordinal);
        Assert.Empty(codex.Left());
    }

    [LinuxFact]
    public async Task A_codex_from_before_the_app_server_is_too_old()
    {
        using var codex = new FakeCodex("echo \"error: unrecognized subcommand 'app-server'\" >&2; exit 2");
        Assert.Equal(FailureKind.CodexTooOld, (await codex.FailAsync()).Kind);
    }

    [LinuxTheory]
    [InlineData("codex_cli_rs")]
    [InlineData("codex-companion/0.0.0 (a build from source)")]
    public async Task A_version_that_cannot_be_read_is_accepted_with_a_note(string userAgent)
    {
        using var codex = new FakeCodex(
            $"while read -r line; do case \"$line\" in *initialize*) echo '{{\"id\":1,\"result\":{{\"userAgent\":\"{userAgent}\"}}}}';; esac; done");
        var started = Assert.IsType<AppServerStart.Started>(await codex.TryStartAsync());
        await using var server = started.Server;
        Assert.Null(server.Info.Version);
        Assert.Contains(userAgent, started.Note, StringComparison.Ordinal);
    }

    [LinuxFact]
    public async Task One_that_dies_at_once_is_started_a_second_time()
    {
        using var codex = new FakeCodex("[ -e \"$HOME/second\" ] || { touch \"$HOME/second\"; exit 1; }; " + FakeCodex.Answers);
        await using var server = await codex.StartAsync();
        Assert.Equal(new Version(0, 169, 0), server.Info.Version);
    }

    [LinuxFact]
    public async Task One_that_keeps_dying_is_reported_with_exit_code_and_last_words()
    {
        using var codex = new FakeCodex("echo start >> \"$HOME/starts\"; printf 'one\\ntwo\\n\\033[31mthree\\033[0m\\nfour\\n' >&2; exit 3");
        var failed = await codex.FailAsync();
        Assert.Equal(FailureKind.CodexBroken, failed.Kind);
        Assert.Equal("codex app-server exited with code 3; its last words: two / three / four", failed.Message);
        Assert.Equal(2, (await File.ReadAllLinesAsync(codex["starts"])).Length);
    }

    [LinuxFact]
    public async Task Secrets_it_was_given_are_not_among_its_last_words()
    {
        using var codex = new FakeCodex("echo \"using $OPENAI_API_KEY\" >&2; exit 1");
        codex.Environment["OPENAI_API_KEY"] = "sk-canary-0123456789";
        Assert.Equal("codex app-server exited with code 1; its last words: using [secret]", (await codex.FailAsync()).Message);
    }

    [LinuxFact]
    public async Task One_that_is_killed_is_reported_with_the_signal()
    {
        using var codex = new FakeCodex("read -r line; kill -9 $$");
        Assert.Equal("codex app-server was ended by signal 9 (SIGKILL).", (await codex.FailAsync()).Message);
    }

    [LinuxFact]
    public async Task One_that_stays_silent_is_given_up_after_the_limit_and_leaves_nothing()
    {
        var limit = TimeSpan.FromSeconds(2); // Time enough for a shell to say its word on a loaded machine.
        using var codex = new FakeCodex("echo waiting >&2; exec sleep 600") { Limits = new TimeLimits { Initialize = limit } };
        var clock = Stopwatch.StartNew();
        var failed = await codex.FailAsync();
        Assert.Equal(FailureKind.CodexBroken, failed.Kind);
        Assert.Contains("stays silent", failed.Message, StringComparison.Ordinal);
        Assert.EndsWith("Its last words: waiting", failed.Message, StringComparison.Ordinal);
        Assert.InRange(clock.Elapsed, limit, Wait.Limit);
        Assert.Empty(codex.Left());
    }

    [LinuxFact]
    public async Task One_that_refuses_is_reported_with_its_own_words()
    {
        using var codex = new FakeCodex("read -r line; echo '{\"id\":1,\"error\":{\"code\":-32600,\"message\":\"bad config\"}}'; cat > /dev/null");
        Assert.Equal("codex app-server refused to initialize: bad config", (await codex.FailAsync()).Message);
    }

    [LinuxFact]
    public async Task What_cannot_be_run_at_all_is_reported_and_not_tried_again()
    {
        using var codex = new FakeCodex("") { Codex = new CodexBinary("/no/such/codex", [], "/no/such/codex", 0, DateTimeOffset.UnixEpoch) };
        var failed = await codex.FailAsync();
        Assert.Equal((FailureKind.CodexBroken, "/no/such/codex does not exist."), (failed.Kind, failed.Message));
    }

    [LinuxFact]
    public async Task A_start_that_is_called_off_leaves_nothing()
    {
        using var codex = new FakeCodex("touch \"$HOME/started\"; cat > /dev/null; exec sleep 600");
        using var stop = new CancellationTokenSource();
        var start = codex.TryStartAsync(cancellationToken: stop.Token);
        await Wait.UntilAsync(() => File.Exists(codex["started"]), "it started");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start);
        Assert.Empty(codex.Left());
    }

    [LinuxFact]
    public async Task Starts_in_one_home_come_one_after_the_other()
    {
        // Each start notes when it begins and, a moment later, when it answers; two at the same time would mix that up.
        using var codex = new FakeCodex(
            "echo begin >> \"$HOME/order\"; read -r line; sleep 0.1; echo end >> \"$HOME/order\"; "
            + $"echo '{FakeCodex.Initialized}'; cat > /dev/null");
        var servers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => codex.StartAsync()));
        Assert.Equal(
            string.Concat(Enumerable.Repeat("begin end ", 4)),
            string.Concat((await File.ReadAllLinesAsync(codex["order"])).Select(l => l + " ")));
        await Task.WhenAll(servers.Select(s => s.StopAsync()));
        Assert.Empty(codex.Left());
    }
}
