using System.Net.Sockets;
using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Tests.Processes;
using CodexCompanion.Pipeline.Tests.Support;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Broker;

public sealed class BrokerEndpointTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    private string Endpoint => _folder["b.sock"];

    public void Dispose() => _folder.Dispose();

    [LinuxFact]
    public async Task Whoever_listens_is_reached()
    {
        using var listener = BrokerEndpoint.Listen(Endpoint);

        var open = Assert.IsType<EndpointConnection.Open>(await ConnectAsync());
        await open.Stream.DisposeAsync();
    }

    [LinuxFact]
    public async Task A_missing_path_is_told_from_one_where_nobody_listens()
    {
        Assert.Equal(LossKind.EndpointMissing, await WhyNotAsync());
        Assert.Equal(LossKind.EndpointMissing, await WhyNotAsync(_folder["no/such/folder.sock"]));
    }

    [LinuxFact]
    public async Task A_socket_nobody_listens_at_refuses()
    {
        using var bound = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        bound.Bind(new UnixDomainSocketEndPoint(Endpoint));

        Assert.Equal(LossKind.Refused, await WhyNotAsync());
    }

    [LinuxFact]
    public async Task A_plain_file_refuses_and_stays_as_it_is()
    {
        _folder.Write("b.sock", "text");

        Assert.Equal(LossKind.Refused, await WhyNotAsync());
        Assert.Equal("text", await File.ReadAllTextAsync(Endpoint));
    }

    [LinuxFact]
    public async Task A_full_backlog_is_somebody_who_is_busy()
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(Endpoint));
        listener.Listen(1);
        var open = new List<Stream>();
        EndpointConnection last;
        while ((last = await ConnectAsync()) is EndpointConnection.Open { Stream: var stream } && open.Count < 10)
            open.Add(stream);

        Assert.Equal(LossKind.Busy, Assert.IsType<EndpointConnection.Closed>(last).Why.Kind);
        Assert.InRange(open.Count, 1, 3);
        foreach (var stream in open)
            await stream.DisposeAsync();
    }

    [LinuxFact]
    public async Task A_path_that_is_too_long_is_an_answer_and_no_exception() =>
        Assert.Equal(LossKind.Broken, await WhyNotAsync(_folder[new string('x', 200)]));

    [LinuxFact]
    public void Only_the_user_may_connect()
    {
        using var listener = BrokerEndpoint.Listen(Endpoint);

        Assert.True(PrivateFile.Is(Endpoint));
    }

    [LinuxFact]
    public void A_path_that_is_taken_is_not_listened_at()
    {
        _folder.Write("b.sock", "text");

        Assert.Throws<SocketException>(() => BrokerEndpoint.Listen(Endpoint));
        Assert.Equal("text", File.ReadAllText(Endpoint));
    }

    [LinuxFact]
    public async Task Whoever_connects_as_the_same_user_is_known_and_a_socket_without_a_peer_is_not()
    {
        using var listener = BrokerEndpoint.Listen(Endpoint);
        var open = Assert.IsType<EndpointConnection.Open>(await ConnectAsync());
        await using (open.Stream)
        {
            using var accepted = await listener.AcceptAsync();
            Assert.True(PeerCredentials.IsSameUser(accepted));
        }

        using var alone = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        Assert.False(PeerCredentials.IsSameUser(alone));
    }

    private async Task<LossKind> WhyNotAsync(string? endpoint = null)
    {
        var closed = Assert.IsType<EndpointConnection.Closed>(await ConnectAsync(endpoint));
        Assert.NotEmpty(closed.Why.Message);
        return closed.Why.Kind;
    }

    private Task<EndpointConnection> ConnectAsync(string? endpoint = null) => BrokerEndpoint.ConnectAsync(endpoint ?? Endpoint, Wait.Limit);
}
