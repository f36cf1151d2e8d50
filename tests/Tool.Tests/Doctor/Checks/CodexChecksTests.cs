using System.Runtime.Versioning;
using CodexCompanion.Tool.Selftest.Simulator.Script;
using CodexCompanion.Tool.Tests.Jobs;
using CodexCompanion.Tool.Tests.Selftest.Simulator;
using Xunit;

namespace CodexCompanion.Tool.Tests.Doctor.Checks;

/// <summary>The three checks that start programs: on the simulated app-server as codex would be started, and on scripts that behave as broken ones do.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class CodexChecksTests : IDisposable
{
    private const string Install = "codex-install";
    private const string Login = "codex-login";
    private const string Sandbox = "sandbox-support";

    private readonly DoctorBench _bench = new();
    private readonly SimulationFolder _simulation = new();

    public CodexChecksTests()
    {
        _bench.Bench.Variables["PATH"] = "/usr/bin:/bin";
        _bench.Bench.Variables["CODEX_HOME"] = _simulation.Home;
        _bench.Bench.Variables["CODEX_COMPANION_CODEX"] = JobProcessBench.Program;
    }

    public void Dispose()
    {
        _bench.Dispose();
        _simulation.Dispose();
    }

    [Fact]
    public async Task A_codex_that_works_is_left_alone_and_started_in_a_dry_run_only_when_it_is_named()
    {
        _bench.Store.EnsureCreated();
        var unnamed = new DoctorEnd(0, (await _bench.Bench.RunAsync("doctor", "--dry-run", "--json")).Json);
        Assert.All((string[])[Install, Login, Sandbox], check => Assert.Equal("skipped", unnamed.StatusOf(check)));
        Assert.Equal(0, _simulation.Journal.ServerCount);

        var named = await _bench.LookAsync("--check", Install, "--check", Login);
        Assert.Equal(("ok", "ok", 0), (named.StatusOf(Install), named.StatusOf(Login), named.ExitCode));
        Assert.Contains("codex 0.169.0", named.MessageOf(Install), StringComparison.Ordinal);

        // One app-server answers both, and does not outlive the look.
        Assert.Equal(1, _simulation.Journal.ServerCount);
        Assert.Empty(_simulation.Journal.LivePids());
    }

    [Theory]
    [InlineData(SimulatedAccount.ApiKey, "ok", "an API key is configured (not tried)")]
    [InlineData(SimulatedAccount.NotRequired, "ok", "the configured provider needs no login")]
    [InlineData(SimulatedAccount.LoggedOut, "problem", "codex is not logged in")]
    public async Task Every_kind_of_login_is_told_and_the_missing_one_with_its_command(object account, string status, string message)
    {
        _simulation.Use(new SimulationScript(Account: (SimulatedAccount)account));
        var end = await _bench.DoctorAsync("--check", Login);
        Assert.Equal((status, message, status == "ok" ? 0 : 1), (end.StatusOf(Login), end.MessageOf(Login), end.ExitCode));
        if (status != "ok")
            Assert.Equal(["codex login"], end.CommandsOf(Login));
    }

    [Theory]
    [InlineData(null, "problem", "the configured provider takes its key from the environment variable MINE_KEY, which is not set")]
    [InlineData("secret", "ok", "the configured provider needs no login")]
    public async Task A_provider_of_the_users_own_needs_the_key_it_looks_for(string? key, string status, string message)
    {
        UseScript("""
            while read line; do
              id=$(echo "$line" | grep -o '"id":[^,}]*')
              case "$line" in
                *'"initialize"'*) echo "{$id,\"result\":{\"userAgent\":\"codex_cli_rs/0.171.0 (Linux)\"}}" ;;
                *'"account/read"'*) echo "{$id,\"result\":{\"account\":null,\"requiresOpenaiAuth\":false}}" ;;
                *'"config/read"'*) echo "{$id,\"result\":{\"config\":{\"model_provider\":\"mine\",\"model_providers\":{\"mine\":{\"env_key\":\"MINE_KEY\"}}}}}" ;;
              esac
            done
            """);
        if (key is not null)
            _bench.Bench.Variables["MINE_KEY"] = key;
        var end = await _bench.DoctorAsync("--check", Login);
        Assert.Equal((status, message), (end.StatusOf(Login), end.MessageOf(Login)));
        if (key is null)
            Assert.Equal(["export MINE_KEY='…'"], end.CommandsOf(Login));
    }

    [Fact]
    public async Task Without_codex_there_is_the_command_that_installs_it_and_the_other_two_do_not_look()
    {
        _bench.Bench.Variables.Remove("CODEX_COMPANION_CODEX");
        _bench.Bench.Variables["PATH"] = _bench.Temp;
        var end = await _bench.DoctorAsync("--check", Install, "--check", Login, "--check", Sandbox);
        Assert.Equal(("problem", "skipped", "skipped", 1), (end.StatusOf(Install), end.StatusOf(Login), end.StatusOf(Sandbox), end.ExitCode));
        Assert.Equal(["npm install -g @openai/codex"], end.CommandsOf(Install));
    }

    [Fact]
    public async Task A_codex_that_was_named_and_is_not_there_is_not_to_be_installed()
    {
        _bench.Bench.Variables["CODEX_COMPANION_CODEX"] = Path.Combine(_bench.Temp, "none");
        Assert.Equal(["unset CODEX_COMPANION_CODEX"], (await _bench.DoctorAsync("--check", Install)).CommandsOf(Install));
        _bench.Bench.Variables.Remove("CODEX_COMPANION_CODEX");
        _bench.Bench.WriteUserConfig("""{"codexPath":"/nowhere/codex"}""");
        Assert.Equal(["codex-companion config show --origin"], (await _bench.DoctorAsync("--check", Install)).CommandsOf(Install));
    }

    [Theory]
    [InlineData("exit 3", "problem")]
    [InlineData("echo 'this is no JSON'; echo broken >&2; exit 1", "problem")]
    [InlineData("while read line; do :; done", "warning")]
    public async Task A_codex_that_does_not_run_is_told_of_and_holds_nobody_up(string script, string status)
    {
        UseScript(script);
        var end = await _bench.DoctorAsync("--check", Install, "--check", Login);
        Assert.Equal((status, "skipped"), (end.StatusOf(Install), end.StatusOf(Login)));
        Assert.Contains("--version", Assert.Single(end.CommandsOf(Install)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_codex_that_is_too_old_is_told_of_with_the_command_that_brings_it_up_to_date()
    {
        UseScript("""read line; echo '{"id":0,"result":{"userAgent":"codex_cli_rs/0.99.0 (Linux)"}}' | sed "s/\"id\":0/$(echo "$line" | grep -o '"id":[^,}]*')/"; cat >/dev/null""");
        var end = await _bench.DoctorAsync("--check", Install, "--check", Login);
        Assert.Equal(("problem", "skipped"), (end.StatusOf(Install), end.StatusOf(Login)));
        Assert.Contains("0.99.0", end.MessageOf(Install), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("exit 0", "ok", "works")]
    [InlineData("echo 'bwrap: No permissions to create new namespace' >&2; exit 1", "warning", "codex's sandbox does not work here: bwrap: No permissions to create new namespace")]
    [InlineData("exit 2", "skipped", "this codex has no command to try it")]
    [InlineData("exec cat /dev/zero >/dev/null", "skipped", "codex did not try it within 3 s")]
    public async Task The_sandbox_is_tried_with_a_command_that_does_nothing(string script, string status, string message)
    {
        UseScript($"[ \"$1\" = sandbox ] || exit 9\n{script}");
        var end = await _bench.DoctorAsync("--check", Sandbox);
        Assert.Equal((status, message, 0), (end.StatusOf(Sandbox), end.MessageOf(Sandbox), end.ExitCode));
    }

    [Fact]
    public async Task What_one_look_started_is_not_ended_together_with_what_another_did()
    {
        var (started, over) = (Path.Combine(_bench.Temp, "started"), Path.Combine(_bench.Temp, "over"));
        UseScript($"touch '{started}'; until [ -e '{over}' ]; do sleep 0.02; done");
        using var other = new DoctorBench();
        foreach (var name in (string[])["PATH", "CODEX_HOME"])
            other.Bench.Variables[name] = _bench.Bench.Variables[name];
        other.Bench.Variables["CODEX_COMPANION_CODEX"] = JobProcessBench.Program;

        var trying = _bench.DoctorAsync("--check", Sandbox);
        await JobProcessBench.UntilAsync(() => File.Exists(started) || trying.IsCompleted);
        Assert.Equal("ok", (await other.DoctorAsync("--check", Install)).StatusOf(Install));
        File.WriteAllText(over, "");

        Assert.NotEqual("warning", (await trying).StatusOf(Sandbox)); // On a busy machine it may have run out of time instead.
    }

    private void UseScript(string script)
    {
        var path = Path.Combine(_bench.Temp, "codex");
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _bench.Bench.Variables["CODEX_COMPANION_CODEX"] = path;
    }
}
