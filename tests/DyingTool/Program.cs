using System.Globalization;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.TestProcesses;
using CodexCompanion.Tool;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.DyingTool;

/// <summary>
/// The tool as it is, but for its disk: one of its processes is killed by SIGKILL just before the n-th thing it changes there, or has no space left
/// from then on. What it starts (workers, brokers) is started the same way, so that any of them can be the one.
/// </summary>
internal static class Program
{
    private const int DiskFull = 28; // ENOSPC

    private static async Task<int> Main(string[] arguments)
    {
        if (arguments is not [var role, var fault, var point, var mark, .. var own])
        {
            await Console.Error.WriteLineAsync("ROLE killed|full N MARK ARGUMENTS…: ROLE is command, job-worker or broker; MARK is a file that is made when it happens.");
            return ExitCodes.Usage;
        }

        // A full disk stays full for whatever is started later, too.
        var number = fault == "full" && File.Exists(mark) ? 1 : RoleOf(own) == role ? int.Parse(point, CultureInfo.InvariantCulture) : 0;
        var faults = fault == "full"
            ? new FaultPlan(number, name => NoSpace(mark, name), name => name is "before flush" or "append" or "before mkdir", forEver: true)
            : new FaultPlan(number, _ => Die(mark), IsVisible);
        return await Entry.RunAsync(
            CommandCatalog.Root,
            own,
            new ToolHost
            {
                Variables = ToolHost.ProcessVariables(),
                CurrentDirectory = WorkingDirectory.OfProcess(),
                Streams = StandardStreams.OfProcess(),
                OpenStore = (host, workspace, root) => new FileStateStore(
                    new FaultyFileSystem(faults), workspace, StatePaths.For(root, workspace), host.Processes(), host.Time, new FaultyDisk(NativeDisk.Instance, faults)),
                CreateRun = Wiring.CreateRun,
                Program = () => new OwnProgram(Environment.ProcessPath!, [role, fault, point, mark], Environment.ProcessPath!),
            });
    }

    private static string RoleOf(string[] own) => own is ["job-worker", ..] ? "job-worker" : own is ["broker", "serve", ..] ? "broker" : "command";

    // Between two of these the others see the same disk.
    private static bool IsVisible(string point) => point is "before rename" or "before move" or "before delete" or "before mkdir" or "append";

    private static void NoSpace(string mark, string point)
    {
        File.WriteAllText(mark, point);
        throw new IOException($"No space left on device ({point})", DiskFull);
    }

    private static void Die(string mark)
    {
        File.WriteAllText(mark, "");
        using var self = System.Diagnostics.Process.GetCurrentProcess();
        self.Kill();
        self.WaitForExit(); // The signal is on its way.
    }
}
