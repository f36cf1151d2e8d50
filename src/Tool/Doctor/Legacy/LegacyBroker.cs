using System.Globalization;
using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Processes;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.StateStore.Disk;

namespace CodexCompanion.Tool.Doctor.Legacy;

/// <summary>A broker of the Node runtime, by the folder it made in temp: broker.sock, broker.pid, broker.log.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="IsDead">Whether nobody listens on its socket and no process serves it: both are known, not guessed.</param>
/// <param name="Removable">What of it holds nothing once it is dead: the socket, the file with the PID.</param>
/// <param name="IsEmpty">Whether the folder has nothing in it at all.</param>
internal sealed record LegacyBroker(string Folder, bool IsDead, IReadOnlyList<string> Removable, bool IsEmpty)
{
    private const string Script = "app-server-broker.mjs";

    /// <summary>Looks at one.</summary>
    public static async Task<LegacyBroker> OfAsync(DoctorSite site, string folder)
    {
        var socket = Path.Combine(folder, "broker.sock");
        var pidFile = Path.Combine(folder, "broker.pid");
        var removable = new List<string>();
        if (site.Look(socket) is { Kind: FileKind.Socket } at && at.Owner == site.Disk.User)
            removable.Add(socket);
        if (site.Look(pidFile) is { Kind: FileKind.Regular })
            removable.Add(pidFile);
        var isDead = !Serving(site).Any(p => Names(p, folder)) && (site.Look(socket) is null || await RefusesAsync(site, socket));
        return new LegacyBroker(folder, isDead, removable, Directory.GetFileSystemEntries(folder).Length == 0);
    }

    /// <summary>Its brokers that run and cannot be reached any more, since the folder of their socket is gone. With what they started.</summary>
    public static IReadOnlyList<FoundProcess> Unreachable(DoctorSite site)
    {
        var tree = new ProcessTree(site.Processes);
        return
        [
            .. Serving(site)
                .Where(p => SocketOf(p) is { } socket && !Directory.Exists(Path.GetDirectoryName(socket)))
                .SelectMany(p => (IEnumerable<FoundProcess>)[p.Process, .. tree.DescendantsOf(p.Process.Identity.Pid)])
                .DistinctBy(p => p.Identity),
        ];
    }

    private static IReadOnlyList<CalledProcess> Serving(DoctorSite site) => new ProcessTree(site.Processes).Called(Script);

    private static bool Names(CalledProcess process, string folder) =>
        process.Arguments.Any(argument => argument.Contains(folder + "/", StringComparison.Ordinal));

    // serve --endpoint unix:/tmp/cxc-XXXXXX/broker.sock
    private static string? SocketOf(CalledProcess process)
    {
        const string Scheme = "unix:";
        return process.Arguments.FirstOrDefault(argument => argument.StartsWith(Scheme + "/", StringComparison.Ordinal)) is { } endpoint
            && Path.GetFileName(Path.GetDirectoryName(endpoint[Scheme.Length..])!).StartsWith("cxc-", StringComparison.Ordinal)
            ? endpoint[Scheme.Length..]
            : null;
    }

    private static async Task<bool> RefusesAsync(DoctorSite site, string socket)
    {
        for (var look = 0; look < 2; look++)
        {
            var connection = await BrokerEndpoint.ConnectAsync(socket, site.Limits.Connect);
            if (connection is EndpointConnection.Open open)
                await open.Stream.DisposeAsync();
            if (connection is not EndpointConnection.Closed { Why.Kind: LossKind.Refused })
                return false;
        }

        return true;
    }

    /// <summary>For a person.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Folder} ({(IsDead ? "dead" : "alive")})");
}
