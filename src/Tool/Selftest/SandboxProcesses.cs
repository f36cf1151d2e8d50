using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using CodexCompanion.Pipeline;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Processes;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.StateStore.Processes;
using CodexCompanion.StateStore.Records;

namespace CodexCompanion.Tool.Selftest;

/// <summary>The processes of a sandbox: brokers, app-servers, tasks. All of them carry its codex home in their environment.</summary>
internal sealed class SandboxProcesses(Sandbox sandbox)
{
    // A broker that is told to go is gone in 100 ms, its app-server with it; a busy machine takes longer.
    private static readonly TimeSpan GoneWithin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(10);
    private static readonly TimeLimits Limits = new();

    private readonly ProcessTree _tree = new(sandbox.Processes);
    private readonly ProcessEnder _ender = new(sandbox.Processes, sandbox.Time);

    /// <summary>The broker the record names, if it lives.</summary>
    public BrokerRecord? LivingBroker() =>
        sandbox.Store.ReadBroker().Value is { } record && sandbox.Processes.Look(record.Process) == ProcessPresence.Same ? record : null;

    /// <summary>Kills the broker by SIGKILL.</summary>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> KillBrokerAsync()
    {
        if (LivingBroker() is not { } record)
            return false;
        try
        {
            using var process = Process.GetProcessById(record.Process.Pid);
            if (sandbox.Processes.Look(record.Process) != ProcessPresence.Same)
                return false;
            process.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return false; // It ended by itself just now.
        }

        return await IsGoneAsync(record.Process);
    }

    /// <summary>Has the broker exit as <c>broker stop</c> does, and waits until it has.</summary>
    public async Task StopBrokerAsync()
    {
        if (LivingBroker() is not { } record)
            return;
        var reach = await BrokerConnection.OpenAsync(record.Endpoint, BrokerCaller.Visitor, Limits, new ServerRequestPolicy(sandbox.Time));
        if (reach is BrokerReach.Answered { Connection: var connection })
        {
            await using (connection)
                await AskToDrainAsync(connection);
        }

        await IsGoneAsync(record.Process);
    }

    /// <summary>Stops the broker and waits for everything else to end by itself; then ends what is left.</summary>
    /// <param name="patience">How long to wait.</param>
    /// <returns>What did not end by itself, in words.</returns>
    public async Task<IReadOnlyList<string>> EndAllAsync(TimeSpan patience)
    {
        await StopBrokerAsync();
        var begun = sandbox.Time.GetTimestamp();
        var left = Find();
        for (; left.Count > 0 && sandbox.Time.GetElapsedTime(begun) < patience; left = Find())
            await Task.Delay(LookAgain, sandbox.Time);
        if (left.Count > 0)
            await _ender.EndAsync(Find, GoneWithin);
        return [.. left.Select(p => $"{p.Command} (pid {p.Identity.Pid})")];
    }

    /// <summary>Ends everything at once: nobody waits for a result any more.</summary>
    public Task KillAllAsync() => _ender.EndAsync(Find, GoneWithin);

    private IReadOnlyList<FoundProcess> Find() => _tree.Marked("CODEX_HOME", sandbox.CodexHome);

    private static async Task AskToDrainAsync(BrokerConnection connection)
    {
        try
        {
            await connection.CallAsync(
                BrokerProtocol.Drain,
                new DrainParams("the self-test is over", StopTurns: true),
                BrokerJson.DrainParams,
                BrokerJson.DrainResult,
                Limits.Cancel);
        }
        catch (Exception e) when (e is RpcErrorException or RpcTimeoutException or ConnectionLostException or JsonException)
        {
            // It goes already, or does not listen: what matters is whether it is there later.
        }
    }

    private async Task<bool> IsGoneAsync(ProcessIdentity process)
    {
        var begun = sandbox.Time.GetTimestamp();
        while (sandbox.Processes.Look(process) == ProcessPresence.Same)
        {
            if (sandbox.Time.GetElapsedTime(begun) >= GoneWithin)
                return false;
            await Task.Delay(LookAgain, sandbox.Time);
        }

        return true;
    }
}
