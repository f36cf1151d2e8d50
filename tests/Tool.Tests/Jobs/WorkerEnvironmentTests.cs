using CodexCompanion.Tool.Jobs;
using Xunit;

namespace CodexCompanion.Tool.Tests.Jobs;

public sealed class WorkerEnvironmentTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("1")]
    [InlineData("")]
    public void What_a_worker_needs_is_undone_for_the_commands_of_its_turn(string? callersOwn)
    {
        var caller = new Dictionary<string, string> { ["PATH"] = "/bin", ["SECRET"] = "s" };
        if (callersOwn is not null)
            caller["DOTNET_EnableDiagnostics"] = callersOwn;

        var worker = WorkerEnvironment.For(caller);
        Assert.Equal("0", worker["DOTNET_EnableDiagnostics"]);
        Assert.Equal("s", worker["SECRET"]);
        Assert.Equal(caller.OrderBy(v => v.Key), WorkerEnvironment.CallersOf(worker).OrderBy(v => v.Key));
    }

    [Fact]
    public void A_worker_started_by_a_job_s_command_does_not_carry_that_job_s_mark()
    {
        var worker = WorkerEnvironment.For(new Dictionary<string, string>
        {
            ["CODEX_COMPANION_JOB"] = "task-outer",
            ["CODEX_COMPANION_INSTANCE"] = "abc",
            ["CODEX_COMPANION_CALLERS_DIAGNOSTICS"] = "of the outer worker",
        });
        Assert.Equal(["DOTNET_EnableDiagnostics"], worker.Keys);
    }
}
