using System.Diagnostics;
using CodexCompanion.StateStore.Records;
using Xunit;

namespace CodexCompanion.Tool.Tests.Jobs;

/// <summary>The watch as a process of its own, on a terminal.</summary>
public sealed class WatchProcessTests : IDisposable
{
    private readonly JobProcessBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [TerminalFact]
    public async Task A_cancel_that_was_confirmed_in_a_watch_is_done_though_the_watch_is_quit()
    {
        _bench.Extra["CODEX_COMPANION_CANCEL_LIMIT"] = "3s";
        _bench.Extra["TERM"] = "xterm";
        var id = await _bench.LaunchAsync("sim: think 600s");
        await JobProcessBench.UntilAsync(() => _bench.Job(id).TurnId is not null);
        await JobProcessBench.SignalAsync("STOP", _bench.Job(id).Process!);

        _bench.Through = ["/bin/sh", "-c", $"exec {TerminalFactAttribute.Script} -qec \"'$1' $2 $3\" /dev/null", "sh"];
        using var watch = _bench.Start("status", "--watch");
        var text = await ShownAsync(watch, id);
        foreach (var (key, answer) in (ValueTuple<string, string>[])[("c", $"Cancel {id}?"), ("y", $"Cancelling {id}")])
        {
            await PressAsync(watch, key);
            text += await ShownAsync(watch, answer);
        }

        await PressAsync(watch, "q");
        var end = await JobProcessBench.EndAsync(watch);
        Assert.True(_bench.Job(id).Status == JobStatus.Cancelled, $"{_bench.Job(id).Status}: {end.Out}\n{_bench.Log(id)}");
        Assert.Contains($"{id}: ", end.Out, StringComparison.Ordinal);

        // The runtime asks for other arrow keys when it reads them; the shell gets its own back.
        text += end.Out;
        Assert.True(text.LastIndexOf("\u001b[?1l", StringComparison.Ordinal) > text.LastIndexOf("\u001b[?1h", StringComparison.Ordinal), text);
    }

    // One at a time, as a person presses them: each is answered on the screen before the next.
    private static async Task PressAsync(Process watch, string key)
    {
        await watch.StandardInput.WriteAsync(key);
        await watch.StandardInput.FlushAsync();
    }

    private static async Task<string> ShownAsync(Process watch, string awaited)
    {
        var shown = new char[1];
        var text = "";
        while (!text.Contains(awaited, StringComparison.Ordinal) && await watch.StandardOutput.ReadAsync(shown, CancellationToken.None) > 0)
            text += shown[0];
        return text;
    }
}
