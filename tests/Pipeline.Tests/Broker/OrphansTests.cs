using System.Runtime.Versioning;
using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Processes;
using CodexCompanion.Pipeline.Tests.Processes;
using CodexCompanion.StateStore.Processes;
using Xunit;

namespace CodexCompanion.Pipeline.Tests.Broker;

/// <summary>What an app-server had started and left behind is found and ended, whatever it did to hide.</summary>
[Collection("alone")]
[SupportedOSPlatform("linux")]
public sealed class OrphansTests : IDisposable
{
    private readonly BrokerBench _bench = new();
    private readonly ScratchFolder _folder = new();
    private readonly ProcessTree _tree = new(Child.Table);

    public void Dispose()
    {
        Subreaper.ReapAdopted();
        SubreaperTests.StopReaping();
        _bench.Dispose();
        _folder.Dispose();
    }

    [LinuxFact]
    public async Task An_orphan_without_a_mark_and_all_below_it_is_ended_and_our_own_children_are_not()
    {
        Assert.True(Subreaper.TryEnable());
        using var own = Child.Start(Child.Shell("exec sleep 600"));
        var orphan = await OrphanAsync("env -i setsid sh -c 'echo $$ > PID; sleep 601 & wait'", Child.OnlyPath);

        await Orphans("0123456789ab").EndAdoptedAsync();

        Assert.NotEqual(ProcessPresence.Same, Child.Table.Look(orphan));
        Assert.False(own.Exited.IsCompleted);
        Assert.Contains("had lost its parent", _bench.LogText, StringComparison.Ordinal);
        own.Kill();
    }

    [LinuxFact]
    public async Task At_the_end_what_carries_the_mark_of_any_app_server_of_this_broker_is_ended_and_what_carries_another_is_not()
    {
        var instance = Guid.NewGuid().ToString("N")[..12];
        var ours = await OrphanAsync("setsid sh -c 'echo $$ > PID; exec sleep 602'", Child.With(ProcessTree.InstanceVariable, instance + ".2"));
        var theirs = await OrphanAsync("setsid sh -c 'echo $$ > PID; exec sleep 603'", Child.With(ProcessTree.InstanceVariable, "ba" + instance + ".1"));

        await Orphans(instance).EndAllAsync();

        Assert.NotEqual(ProcessPresence.Same, Child.Table.Look(ours));
        Assert.Equal(ProcessPresence.Same, Child.Table.Look(theirs));
        Assert.Empty(await new ProcessEnder(Child.Table, TimeProvider.System).EndAsync([new FoundProcess(theirs, "sleep")], Wait.Limit));
    }

    // Started by a shell that ends at once.
    private async Task<ProcessIdentity> OrphanAsync(string command, IReadOnlyDictionary<string, string> environment)
    {
        var file = _folder[Guid.NewGuid().ToString("N")];
        using var parent = Child.Start(Child.Shell(command.Replace("PID", file, StringComparison.Ordinal) + " & exit 0", environment));
        await parent.Exited.WaitAsync(Wait.Limit);
        await Wait.UntilAsync(() => File.Exists(file) && new FileInfo(file).Length > 1, "the orphan told its PID");
        return Child.Table.Identify(int.Parse(await File.ReadAllTextAsync(file), System.Globalization.CultureInfo.InvariantCulture))!;
    }

    private Orphans Orphans(string instance) =>
        new(instance, _tree, new ProcessEnder(Child.Table, TimeProvider.System), Child.Table, _bench.Log);
}
