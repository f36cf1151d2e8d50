using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace CodexCompanion.Tool.Tests.Selftest;

/// <summary>The command as the process it is in earnest.</summary>
public sealed class SelftestProcessTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly SelftestFolder _folder = new();
    private Process? _selftest;

    public void Dispose()
    {
        if (_selftest is { HasExited: false })
            _selftest.Kill(entireProcessTree: true);
        _selftest?.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_healthy_row_passes_and_leaves_nothing()
    {
        var process = Start("selftest", "--row", "healthy", "--json");
        var output = await process.StandardOutput.ReadToEndAsync().WaitAsync(Patience);
        await process.WaitForExitAsync().WaitAsync(Patience);

        using var document = JsonDocument.Parse(output);
        var row = Assert.Single(document.RootElement.GetProperty("rows").EnumerateArray());
        Assert.Equal(("passed", 12, 12, 0), (row.GetProperty("status").GetString(), row.GetProperty("passed").GetInt32(), row.GetProperty("sideEffects").GetInt32(), process.ExitCode));
        Assert.Empty(Left());
    }

    [Fact]
    public async Task A_kept_folder_is_named_and_has_what_every_task_said()
    {
        var process = Start("selftest", "--row", "no-broker", "--keep", "--json");
        var output = await process.StandardOutput.ReadToEndAsync().WaitAsync(Patience);
        using var document = JsonDocument.Parse(output);
        var folder = document.RootElement.GetProperty("folder").GetString()!;

        Assert.StartsWith(_folder.Path, folder, StringComparison.Ordinal);
        Assert.Equal(12, Directory.GetFiles(Path.Combine(folder, "01", "logs")).Length);
    }

    [Fact]
    public async Task Asked_to_stop_it_ends_what_it_started_and_removes_its_folder()
    {
        if (OperatingSystem.IsWindows())
            return; // No signals.
        var process = Start("selftest", "--row", "killed-writing");
        using var patience = new CancellationTokenSource(Patience);
        while (!Directory.EnumerateFiles(_folder.Path, "broker.json", SearchOption.AllDirectories).Any())
            await Task.Delay(20, patience.Token);

        using (var kill = Process.Start("/bin/kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync().WaitAsync(Patience);
        await process.WaitForExitAsync().WaitAsync(Patience);

        Assert.Equal(ExitCodes.SignalBase + 15, process.ExitCode);
        Assert.Empty(Left());
    }

    private string[] Left() => Directory.GetFileSystemEntries(_folder.Path);

    private Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(SelftestFolder.Tool, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["TMPDIR"] = _folder.Path;
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        _selftest = Process.Start(start)!;
        _selftest.ErrorDataReceived += (_, _) => { }; // Read, so that it never fills up.
        _selftest.BeginErrorReadLine();
        return _selftest;
    }
}
