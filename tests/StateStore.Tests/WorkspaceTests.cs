using System.Security.Cryptography;
using System.Text;
using CodexCompanion.StateStore.Tests.Support;
using CodexCompanion.TestProcesses;

namespace CodexCompanion.StateStore.Tests;

public sealed class WorkspaceTests : IDisposable
{
    private readonly TempFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void The_root_is_the_folder_that_holds_git()
    {
        var deep = _temp.Folder("app", "src", "deep");
        RepositoryRoot.Make(_temp["app"]);
        Assert.Equal(_temp["app"], Workspace.Resolve(deep).Root);
    }

    [Fact]
    public void The_git_file_of_a_worktree_counts()
    {
        var deep = _temp.Folder("tree", "src");
        File.WriteAllText(Path.Combine(_temp["tree"], ".git"), "gitdir: elsewhere\n");
        Assert.Equal(_temp["tree"], Workspace.Resolve(deep).Root);
    }

    [Fact]
    public void An_empty_git_folder_as_a_sandbox_leaves_it_makes_no_root()
    {
        var deep = _temp.Folder("app", "src", "deep");
        RepositoryRoot.Make(_temp["app"]);
        _temp.Folder("app", "src", ".git");
        Assert.Equal(_temp["app"], Workspace.Resolve(deep).Root);
    }

    [Fact]
    public void Without_git_the_folder_itself_is_the_root()
    {
        var folder = _temp.Folder("plain");
        if (IsInRepository(folder))
            return; // Somebody keeps the temp folder itself in one.
        Assert.Equal(folder, Workspace.Resolve(folder + "/").Root);
    }

    [Fact]
    public void A_link_and_what_it_points_to_are_one_workspace()
    {
        var real = _temp.Folder("real", "inner");
        Directory.CreateSymbolicLink(_temp["link"], _temp["real"]);
        File.CreateSymbolicLink(_temp["relative"], "link");
        Assert.Equal(Workspace.Resolve(real), Workspace.Resolve(Path.Combine(_temp["link"], "inner")));
        Assert.Equal(Workspace.Resolve(real), Workspace.Resolve(Path.Combine(_temp["relative"], "inner")));
    }

    [Fact]
    public void Links_in_a_circle_do_not_hang()
    {
        File.CreateSymbolicLink(_temp["a"], _temp["b"]);
        File.CreateSymbolicLink(_temp["b"], _temp["a"]);
        Assert.NotEmpty(Workspace.Resolve(_temp["a"]).Root);
    }

    [Fact]
    public void The_hash_is_the_first_half_of_the_paths_sha256()
    {
        var folder = Repository("app");
        var expected = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(folder)))[..16];
        Assert.Equal(expected, Workspace.Resolve(folder).Hash);
    }

    [Theory]
    [InlineData("my app (2)", "my-app-2")]
    [InlineData("Ünïcode--x", "n-code--x")]
    [InlineData("a.b_c-d", "a.b_c-d")]
    [InlineData("日本", "workspace")]
    public void The_slug_is_the_readable_part_of_the_name(string name, string slug) =>
        Assert.Equal(slug, Workspace.Resolve(Repository(name)).Slug);

    [Fact]
    public void The_file_systems_own_root_is_a_workspace_too()
    {
        var workspace = Workspace.Resolve("/");
        Assert.Equal("/", workspace.Root);
        Assert.Equal("workspace", workspace.Slug);
    }

    [Fact]
    public void A_long_name_still_fits_into_a_file_name()
    {
        var workspace = Workspace.Resolve(Repository(new string('n', 250)));
        Assert.InRange(Path.GetFileName(StatePaths.For("/state", workspace).Directory).Length, 100, 255);
    }

    private static bool IsInRepository(string folder) =>
        Path.GetDirectoryName(folder) is { } above && (Path.Exists(Path.Combine(above, ".git", "HEAD")) || IsInRepository(above));

    private string Repository(string name) => RepositoryRoot.Make(_temp[name]);
}
