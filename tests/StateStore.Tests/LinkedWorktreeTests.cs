using CodexCompanion.StateStore.Tests.Support;

namespace CodexCompanion.StateStore.Tests;

/// <summary>The files are those that <c>git worktree add</c> writes; the end-to-end tests commit with git itself.</summary>
public sealed class LinkedWorktreeTests : IDisposable
{
    private readonly TempFolder _temp = new();

    public LinkedWorktreeTests()
    {
        foreach (var folder in (string[])["objects", "refs", "hooks", "worktrees"])
            _temp.Folder("main", ".git", folder);
        _temp.Folder("main", ".git", "worktrees", "tree");
        _temp.Folder("tree", "src");
        Write("main/.git/HEAD", "ref: refs/heads/main\n");
        Write("tree/.git", $"gitdir: {Own}\n");
        Write("main/.git/worktrees/tree/gitdir", $"{_temp["tree"]}/.git\n");
        Write("main/.git/worktrees/tree/commondir", "../..\n");
    }

    private string Common => Path.Combine(_temp["main"], ".git");

    private string Own => Path.Combine(Common, "worktrees", "tree");

    private IReadOnlyList<string> Found => LinkedWorktree.FoldersOfACommit(Path.Combine(_temp["tree"], "src"));

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void A_commit_writes_in_the_worktrees_own_folder_and_in_the_shared_ones_that_are_there()
    {
        Assert.Equal([Own, Path.Combine(Common, "objects"), Path.Combine(Common, "refs")], Found);
        _temp.Folder("main", ".git", "logs");
        Assert.Equal([Own, Path.Combine(Common, "objects"), Path.Combine(Common, "refs"), Path.Combine(Common, "logs")], Found);
    }

    [Fact]
    public void Paths_may_be_relative_as_newer_gits_write_them()
    {
        Write("tree/.git", "gitdir: ../main/.git/worktrees/tree\n");
        Write("main/.git/worktrees/tree/gitdir", "../../../../tree/.git\n");
        Assert.Equal(Own, Found[0]);
    }

    [Fact]
    public void The_main_worktree_and_a_plain_folder_have_none()
    {
        Assert.Empty(LinkedWorktree.FoldersOfACommit(_temp["main"]));
        Assert.Empty(LinkedWorktree.FoldersOfACommit(_temp.Folder("plain")));
    }

    [Theory]
    [InlineData("tree/.git", "gitdir: /etc\n")]
    [InlineData("tree/.git", "gitdir: \n")]
    [InlineData("tree/.git", "gitdir: ../main/.git\n")]
    [InlineData("tree/.git", "something else\n")]
    [InlineData("main/.git/worktrees/tree/gitdir", "/somewhere/else/.git\n")]
    [InlineData("main/.git/worktrees/tree/commondir", "../../..\n")]
    [InlineData("main/.git/worktrees/tree/commondir", "/\n")]
    public void A_file_that_names_what_is_not_its_worktrees_folder_opens_nothing(string file, string content)
    {
        Write(file, content);
        Assert.Empty(Found);
    }

    [Fact]
    public void A_file_without_end_or_a_missing_one_opens_nothing()
    {
        Write("tree/.git", "gitdir: " + new string('a', 100_000));
        Assert.Empty(Found);
        Write("tree/.git", $"gitdir: {Own}\n");
        File.Delete(Path.Combine(Own, "commondir"));
        Assert.Empty(Found);
    }

    [Fact]
    public void A_link_among_the_shared_folders_is_left_out()
    {
        Directory.CreateSymbolicLink(Path.Combine(Common, "logs"), _temp.Folder("elsewhere"));
        Assert.Equal([Own, Path.Combine(Common, "objects"), Path.Combine(Common, "refs")], Found);
    }

    private void Write(string name, string content) => File.WriteAllText(Path.Combine(_temp.Folder(), name.Replace('/', Path.DirectorySeparatorChar)), content);
}
