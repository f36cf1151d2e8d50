using CodexCompanion.Pipeline.Processes;
using CodexCompanion.Tool.Selftest;
using CodexCompanion.Tool.Selftest.Rows;
using Xunit;

namespace CodexCompanion.Tool.Tests.Selftest;

public sealed class RowJudgeTests
{
    [Fact]
    public void Twelve_tasks_that_did_what_they_should_pass()
    {
        var result = Judge(FakeRow.AllWell());
        Assert.Equal((RowStatus.Passed, 12, 12, 12, 12, null), (result.Status, result.Tasks, result.Passed, result.FaultsFired, result.SideEffects, result.Detail));
    }

    [Fact]
    public void A_row_whose_fault_did_not_fire_fails()
    {
        var result = Judge(FakeRow.AllWell(), new FakeRow { Faults = 11 });
        Assert.Equal((RowStatus.Failed, 12, 11), (result.Status, result.Passed, result.FaultsFired));
        Assert.Contains("fired 11 times and had to fire 12 times", result.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_with_fewer_tasks_than_it_should_have_fails() =>
        Assert.Equal(RowStatus.Failed, Judge([.. FakeRow.AllWell().Take(11)]).Status);

    [Fact]
    public void The_first_task_that_failed_is_named()
    {
        var result = Judge(With(FakeRow.Run(3, exitCode: 7), FakeRow.Run(5, exitCode: 1)));
        Assert.Equal((RowStatus.Failed, 10, "task-03 exited with code 7."), (result.Status, result.Passed, result.Detail));
        Assert.Equal("/logs/task-03.log", result.FirstFailure!.LogFile);
    }

    [Fact]
    public void A_task_that_had_to_be_killed_failed() =>
        Assert.Contains("did not end in time", Judge(With(FakeRow.Run(2) with { Exit = null })).Detail, StringComparison.Ordinal);

    [Fact]
    public void A_task_ended_by_a_signal_failed() =>
        Assert.Contains("signal 9", Judge(With(FakeRow.Run(2) with { Exit = new ChildExit(Code: null, Signal: 9) })).Detail, StringComparison.Ordinal);

    [Theory]
    [InlineData("Done: task-03.\n")]
    [InlineData("Done: task-02.\nDone: task-02.\n")]
    [InlineData("")]
    public void Only_its_own_answer_may_stand_on_stdout(string output) =>
        Assert.Contains("task-02 answered", Judge(With(FakeRow.Run(2, output: output))).Detail, StringComparison.Ordinal);

    [Fact]
    public void A_turn_that_was_completed_twice_fails_its_task()
    {
        var runs = FakeRow.AllWell();
        var again = FakeRow.Turn(runs[4].Call).ToArray();
        Assert.Equal("task-05 was completed by 2 turns instead of one.", RowJudge.Judge(new FakeRow(), FakeRow.Evidence(runs, again), []).Detail);
    }

    [Fact]
    public void An_edit_that_was_made_twice_fails_its_task_though_one_turn_completed()
    {
        var runs = With(FakeRow.Run(6, writes: true));
        var interrupted = FakeRow.Turn(runs[5].Call, "interrupted").ToArray();
        var result = RowJudge.Judge(new FakeRow(), FakeRow.Evidence(runs, interrupted), []);
        Assert.Equal(("task-06 made its edit 2 times instead of once.", 13), (result.Detail, result.SideEffects));
    }

    [Fact]
    public void An_edit_that_is_twice_in_its_file_fails_its_task()
    {
        var runs = With(FakeRow.Run(6, writes: true));
        var evidence = FakeRow.Evidence(runs) with { FileLines = new Dictionary<string, int> { ["task-06"] = 2 } };
        Assert.Equal("task-06 left 2 lines in its file instead of one.", RowJudge.Judge(new FakeRow(), evidence, []).Detail);
    }

    [Fact]
    public void What_is_left_running_fails_the_row() =>
        Assert.Contains("broker (pid 5)", RowJudge.Judge(new FakeRow(), FakeRow.Evidence(FakeRow.AllWell()), ["broker (pid 5)"]).Detail, StringComparison.Ordinal);

    [Fact]
    public void What_the_row_objects_to_fails_it() =>
        Assert.Equal("Odd.", Judge(FakeRow.AllWell(), new FakeRow { Says = "Odd." }).Detail);

    [Fact]
    public void A_control_row_is_as_it_should_be_when_all_that_met_the_fault_were_lost()
    {
        var result = Judge(Lost(), Control());
        Assert.Equal((RowStatus.Control, 6, null), (result.Status, result.Passed, result.Detail));
    }

    [Fact]
    public void A_control_row_in_which_a_task_survived_shows_nothing_and_fails()
    {
        var runs = Lost();
        runs[3] = FakeRow.Run(4);
        Assert.Contains("task-04 met the fault without recovery and was not lost", Judge(runs, Control()).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_control_row_in_which_a_task_failed_otherwise_fails()
    {
        var runs = Lost();
        runs[3] = FakeRow.Run(4, exitCode: ExitCodes.Failed);
        Assert.Equal(RowStatus.Failed, Judge(runs, Control()).Status);
    }

    [Fact]
    public void A_control_row_in_which_an_unharmed_task_was_lost_fails()
    {
        var runs = Lost();
        runs[2] = FakeRow.Run(3, exitCode: ExitCodes.Lost);
        Assert.StartsWith("task-03", Judge(runs, Control()).Detail, StringComparison.Ordinal);
    }

    private static FakeRow Control() => new() { LosesEverySecond = true, Least = 6, Faults = 6 };

    private static List<TaskRun> Lost() =>
        [.. Enumerable.Range(1, 12).Select(n => FakeRow.Run(n, n % 2 == 0 ? ExitCodes.Lost : ExitCodes.Done))];

    private static List<TaskRun> With(params TaskRun[] others) =>
        [.. FakeRow.AllWell().Select(run => Array.Find(others, o => o.Call.Number == run.Call.Number) ?? run)];

    private static RowResult Judge(IReadOnlyList<TaskRun> runs, Row? row = null) => RowJudge.Judge(row ?? new FakeRow(), FakeRow.Evidence(runs), []);
}
