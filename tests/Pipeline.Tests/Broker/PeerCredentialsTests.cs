using System.Net.Sockets;
using System.Runtime.InteropServices;
using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Tests.Processes;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Broker;

/// <summary>Who may connect. The other user is a thread of this process that takes another uid on, which root may do (Linux keeps them by thread).</summary>
public sealed partial class PeerCredentialsTests : IDisposable
{
    private const int Nobody = 65534;

    private readonly ScratchFolder _folder = new();
    private readonly CancellationTokenSource _over = new();
    private readonly ClientTable _clients = new(TimeProvider.System);
    private readonly BrokerListener _listener;
    private int _accepted;

    public PeerCredentialsTests()
    {
        _listener = new BrokerListener(_folder["b.sock"], new BrokerLog(_folder["broker.log"], "abc", TimeProvider.System));
        _ = _listener.AcceptAsync(_clients, _ => Interlocked.Increment(ref _accepted), _over.Token);
    }

    public void Dispose()
    {
        _over.Cancel();
        _listener.Dispose();
        _over.Dispose();
        _folder.Dispose();
    }

    [RootFact]
    public async Task Another_user_is_hung_up_on_even_where_folder_and_socket_let_him_in()
    {
        if (!OperatingSystem.IsWindows())
        {
            const UnixFileMode Everybody = (UnixFileMode)0x1FF;
            File.SetUnixFileMode(_folder.Path, Everybody);
            File.SetUnixFileMode(_folder["b.sock"], Everybody);
        }

        Assert.Equal(0, ConnectAs(Nobody));
        await Wait.UntilAsync(() => Log().Contains("a connection of another user was refused", StringComparison.Ordinal), "the log says so");
        Assert.Equal(0, Volatile.Read(ref _accepted));
        using var own = Connect();
        await Wait.UntilAsync(() => Volatile.Read(ref _accepted) == 1, "the own user is accepted");
    }

    [RootFact]
    public void Another_user_does_not_get_to_the_socket_as_it_is()
    {
        Assert.Equal(SocketError.AccessDenied, Assert.Throws<SocketException>(() => ConnectAs(Nobody)).SocketErrorCode);
    }

    private string Log() => File.Exists(_folder["broker.log"]) ? File.ReadAllText(_folder["broker.log"]) : "";

    private Socket Connect()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(_folder["b.sock"]));
        return socket;
    }

    // What is read from the socket after connecting as another user: 0 is its end.
    private int ConnectAs(int user)
    {
        Exception? failure = null;
        var read = -1;
        var thread = new Thread(() =>
        {
            try
            {
                Assert.Equal(0, SystemCall(SetResUid, -1, user, -1));
                using var socket = Connect();
                read = socket.Receive(new byte[1]);
            }
            catch (SocketException e)
            {
                failure = e;
            }
            finally
            {
                _ = SystemCall(SetResUid, -1, 0, -1);
            }
        });
        thread.Start();
        thread.Join();
        return failure is null ? read : throw failure;
    }

    // setresuid, past libc, which would change all threads.
    private static nint SetResUid => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 147 : 117;

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint real, nint effective, nint saved);
}
