using System.IO.Abstractions;
using System.Net.Sockets;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Records;
using CodexCompanion.StateStore.Tests.Support;

namespace CodexCompanion.StateStore.Tests.Disk;

public sealed class StateFileTests : IDisposable
{
    private const int Limit = 1000;

    private readonly TempFolder _temp = new();

    private string Target => _temp["config.json"];

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData("", StateReadKind.Corrupt)]
    [InlineData("   ", StateReadKind.Corrupt)]
    [InlineData("{", StateReadKind.Corrupt)]
    [InlineData("{\"version\":1}x", StateReadKind.Corrupt)]
    [InlineData("{\"version\":1}\0\0", StateReadKind.Corrupt)]
    [InlineData("\0\0\0\0", StateReadKind.Corrupt)]
    [InlineData("null", StateReadKind.Corrupt)]
    [InlineData("[]", StateReadKind.Corrupt)]
    [InlineData("42", StateReadKind.Corrupt)]
    [InlineData("{\"stopReviewGate\":\"yes\"}", StateReadKind.Corrupt)]
    [InlineData("{\"version\":\"one\"}", StateReadKind.Corrupt)]
    [InlineData("{\"version\":1.5}", StateReadKind.Corrupt)]
    [InlineData("{\"version\":2}", StateReadKind.TooNew)]
    [InlineData("{\"version\":99999999999,\"stopReviewGate\":{\"shape\":\"of later\"}}", StateReadKind.TooNew)]
    [InlineData("{\"version\":1}", StateReadKind.Ok)]
    [InlineData("{}", StateReadKind.Ok)]
    [InlineData("\uFEFF{\"stopReviewGate\":true}\n", StateReadKind.Ok)]
    public void Content_is_told_apart(string content, StateReadKind kind)
    {
        File.WriteAllText(Target, content);
        AssertRead(kind);
    }

    [Fact]
    public void No_file_is_missing_and_no_folder_too()
    {
        AssertRead(StateReadKind.Missing);
        Assert.Equal(StateReadKind.Missing, Read(_temp["no/such/config.json"]).Kind);
    }

    [Fact]
    public void Too_large_is_corrupt()
    {
        File.WriteAllText(Target, "{}" + new string(' ', Limit));
        AssertRead(StateReadKind.Corrupt);
    }

    [Fact]
    public void A_folder_in_its_place_is_corrupt()
    {
        _temp.Folder("config.json");
        AssertRead(StateReadKind.Corrupt);
    }

    [Fact]
    public void A_pipe_in_its_place_is_corrupt_and_does_not_hang()
    {
        Shell.MakePipe(Target);
        AssertRead(StateReadKind.Corrupt);
    }

    [Fact]
    public void A_socket_in_its_place_is_corrupt()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Target));
        AssertRead(StateReadKind.Corrupt);
    }

    [Fact]
    public void A_link_is_not_followed_to_a_device()
    {
        File.CreateSymbolicLink(Target, "/dev/zero");
        AssertRead(StateReadKind.Corrupt);
    }

    [Fact]
    public void A_foreign_file_is_unreadable()
    {
        File.WriteAllText(Target, "{}");
        var read = new StateFile(new FileSystem(), DiskWithFacts.WithForeign(Target)).Read(Target, Limit, 1, WorkspaceConfigFormat.Instance);
        Assert.Equal(StateReadKind.Unreadable, read.Kind);
        Assert.Contains("belongs to user", read.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_where_the_folder_belongs_is_unreadable()
    {
        File.WriteAllText(_temp["file"], "");
        Assert.Equal(StateReadKind.Unreadable, Read(_temp["file/config.json"]).Kind);
    }

    [Fact]
    public void A_file_without_permission_is_unreadable()
    {
        if (NativeDisk.Instance.User == 0)
            return; // root reads everything
        File.WriteAllText(Target, "{}");
        File.SetUnixFileMode(Target, UnixFileMode.None);
        AssertRead(StateReadKind.Unreadable);
    }

    [Fact]
    public void Every_prefix_of_a_file_is_corrupt_and_never_taken_for_the_whole()
    {
        const string whole = "{\"version\":1,\"stopReviewGate\":true,\"later\":{\"x\":[1,\"é\"]}}";
        var bytes = System.Text.Encoding.UTF8.GetBytes(whole);
        for (var length = 0; length < bytes.Length; length++)
        {
            File.WriteAllBytes(Target, bytes[..length]);
            AssertRead(StateReadKind.Corrupt);
        }
    }

    private StateRead<WorkspaceConfig> Read(string path) =>
        new StateFile(new FileSystem(), NativeDisk.Instance).Read(path, Limit, WorkspaceConfig.CurrentVersion, WorkspaceConfigFormat.Instance);

    private void AssertRead(StateReadKind kind)
    {
        var read = Read(Target);
        Assert.Equal(kind, read.Kind);
        Assert.Equal(kind == StateReadKind.Ok, read.Value is not null);
        Assert.Equal(kind is StateReadKind.Ok or StateReadKind.Missing, read.Detail is null);
    }
}
