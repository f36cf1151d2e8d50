using CodexCompanion.Pipeline.Turns;
using CodexCompanion.StateStore;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Configuration;
using CodexCompanion.Tool.Rendering;
using CodexCompanion.Tool.Setup;
using CodexCompanion.Tool.Transfer;

namespace CodexCompanion.Tool.Commands;

/// <summary><c>transfer</c>: imports a Claude session into a Codex thread, to go on with it there.</summary>
internal static class TransferCommand
{
    private static readonly OptionSpec Source =
        new("source", OptionArity.Value, "Transcript of the session; without it, that of the Claude session that calls.") { ValueName = "JSONL" };

    // A transcript of a long day has some hundred megabytes, which Codex reads and writes once.
    private static readonly TimeSpan ImportLimit = TimeSpan.FromMinutes(2);

    /// <summary>The command.</summary>
    public static CommandSpec Spec { get; } = new("transfer", "Import a Claude session into a Codex thread.")
    {
        Options = [Source],
        Run = RunAsync,
        Examples = ["codex-companion transfer", "codex-companion transfer --source ~/.claude/projects/-home-me-app/0c9d….jsonl --json"],
    };

    private static async Task<int> RunAsync(CommandCall call, ToolHost host)
    {
        var opened = WorkspaceStore.Open(call, host);
        if (opened.Value is not { } store)
            return Reporter.Fail(host.Streams, opened.Error!, call.Json);
        var loaded = SettingsLoader.Load(store.Workspace.Root, host.Variables);
        if (loaded.Value is not { } settings)
            return Reporter.Fail(host.Streams, loaded.Error!, call.Json);
        var cwd = WorkingDirectory.Of(call, host).Value!;
        var found = TranscriptSource.Find(call.Options.Value(Source), host.CurrentDirectory, host.Variables);
        if (found.Value is not { } source)
            return Reporter.Fail(host.Streams, found.Error!, call.Json);

        var (turn, busy) = await TransferTurn.WaitAsync(store.Paths.Root, host.Processes(), host.Time);
        using var held = turn;
        if (busy is not null)
            return Reporter.Fail(host.Streams, busy, call.Json);
        if (turn is not null)
            StagedHome.RemoveLeftovers(store.Paths.Directory);
        var imported = source.IsWhereCodexLooks
            ? await ImportAsync(host, store, settings, source.Path, source.Cwd ?? cwd, cwd)
            : await ImportStagedAsync(host, store, settings, source, cwd);
        // Codex overlooks what it holds for too old; under a new date it does not.
        if (imported.Error?.Code == SessionImport.NotDetected && source.IsWhereCodexLooks)
            imported = await ImportStagedAsync(host, store, settings, source, cwd);
        return imported.Value is { } thread ? Print(call, host, source, thread) : Reporter.Fail(host.Streams, imported.Error!, call.Json);
    }

    private static async Task<Attempt<ImportedThread>> ImportStagedAsync(
        ToolHost host, IStateStore store, Settings settings, TranscriptSource source, string cwd)
    {
        try
        {
            store.EnsureCreated();
            using var home = StagedHome.Create(store.Paths.Directory, source, host.Variables);
            return await ImportAsync(host with { Variables = home.Variables }, store, settings, home.Transcript, source.Cwd ?? cwd, cwd);
        }
        catch (StateStoreException refused)
        {
            return CommandError.State(refused);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return CommandError.State($"The transcript could not be copied: {refused.Message}");
        }
    }

    // A server of our own, which ends with the import: as long as it lives, `codex resume` would find the thread taken.
    // It works where the session did; where that is gone, here.
    private static async Task<Attempt<ImportedThread>> ImportAsync(ToolHost host, IStateStore store, Settings settings, string transcript, string cwd, string here)
    {
        var place = Directory.Exists(cwd) ? cwd : here;
        var (reading, failure) = await ReadingSession.OpenAsync(host, store, settings, place, shared: false);
        if (reading is null)
            return failure!.Kind == FailureKind.CodexTooOld ? SessionImport.TooOld() : CommandError.Of(failure, failure.Hint);
        await using (reading)
            return await SessionImport.RunAsync(reading.Session, transcript, cwd, settings.Limits.Call, ImportLimit, host.Time);
    }

    private static int Print(CommandCall call, ToolHost host, TranscriptSource source, ImportedThread thread)
    {
        var shown = new TransferJson(thread.ThreadId, $"codex resume {thread.ThreadId}", source.Path, source.SessionId, thread.WasThere);
        Reporter.TryPrint(host.Streams, call.Json
            ? JsonText.Line(shown, ToolJson.Default.TransferJson) + "\n"
            : $"{(thread.WasThere ? "The session was already imported" : "The session was imported")} as Codex thread {shown.ThreadId}.\nResume in Codex: {shown.ResumeCommand}\n");
        return ExitCodes.Done;
    }
}
