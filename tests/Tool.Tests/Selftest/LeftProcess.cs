using CodexCompanion.Pipeline.Processes;

namespace CodexCompanion.Tool.Tests.Selftest;

internal static class LeftProcess
{
    /// <summary>Waits until a process can be known by its environment: for a moment after its start the system shows none.</summary>
    public static async Task HasItsEnvironmentAsync(ChildProcess process)
    {
        while (File.ReadAllBytes($"/proc/{process.Pid}/environ").Length == 0)
            await Task.Delay(TimeSpan.FromMilliseconds(1));
    }
}
