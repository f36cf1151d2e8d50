using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.StateStore.Tests.Processes;

public sealed class ProcStatTests
{
    private const string Rest = "1 42 42 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 987654 1000 2 18446744073709551615 0 0";

    [Theory]
    [InlineData("bash")]
    [InlineData("tmux: server")]
    [InlineData("a) Z 1 (b")]
    [InlineData(") ) )")]
    [InlineData("")]
    public void The_name_may_hold_spaces_and_parentheses(string name)
    {
        var stat = ProcStat.Parse($"42 ({name}) S {Rest}\n");
        Assert.Equal(new ProcStat(42, 'S', "987654"), stat);
    }

    [Theory]
    [InlineData('Z', true)]
    [InlineData('X', true)]
    [InlineData('D', false)]
    public void A_zombie_is_told_by_its_state(char state, bool zombie) => Assert.Equal(zombie, ProcStat.Parse($"42 (x) {state} {Rest}")!.IsZombie);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("42 (x) S 1 2 3")]
    [InlineData("x (x) S 1 42 42 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 987654 1000")]
    [InlineData("42 )x( S 1 42 42 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 987654 1000")]
    public void What_is_no_such_line_gives_nothing(string? line) => Assert.Null(ProcStat.Parse(line));
}
