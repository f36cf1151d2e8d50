using System.Globalization;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;

namespace CodexCompanion.TestProcesses;

/// <summary>What tests need a process of its own for: to hold a lock, to write at the same time, to die in the middle of it.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        switch (args)
        {
            case ["hold-lock", var path]:
                return await LockCommands.Hold(path);
            case ["probe-lock", var path]:
                return LockCommands.Probe(path);
            case ["update-jobs", var root, var workspace, var jobId, var count]:
                return JobCommands.Update(root, workspace, jobId, int.Parse(count, CultureInfo.InvariantCulture));
            case ["append-log", var root, var workspace, var jobId, var count]:
                return JobCommands.AppendLog(root, workspace, jobId, int.Parse(count, CultureInfo.InvariantCulture));
            case ["die-at", var operation, var root, var workspace, var jobId, var action]:
                return JobCommands.DieAt(int.Parse(operation, CultureInfo.InvariantCulture), root, workspace, jobId, action);
            case ["socket-folder"]:
                await Console.Out.WriteLineAsync(SocketDirectory.Candidates(Environment.GetEnvironmentVariable, NativeDisk.Instance)[^1].Path);
                return 0;
            case ["sleep"]:
                await Console.Out.WriteLineAsync("sleeping");
                await Console.In.ReadToEndAsync();
                return 0;
            default:
                await Console.Error.WriteLineAsync($"Unknown command: {string.Join(' ', args)}");
                return 2;
        }
    }
}
