using System.Text.Json;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Tool.CommandLine;

namespace CodexCompanion.Tool.Transfer;

/// <summary>What came of an import.</summary>
/// <param name="ThreadId">The thread.</param>
/// <param name="WasThere">Whether nothing new was imported: the thread holds all of it already.</param>
internal sealed record ImportedThread(string ThreadId, bool WasThere);

/// <summary>Has an app-server import one transcript, and finds out into which thread.</summary>
internal static class SessionImport
{
    private const string Completed = "externalAgentConfig/import/completed";

    /// <summary>Imports.</summary>
    /// <param name="session">The server; it must be one of our own, so that the thread is free when it ends.</param>
    /// <param name="transcript">The transcript, where the server finds it.</param>
    /// <param name="cwd">Where the session worked.</param>
    /// <param name="call">How long the answer may take.</param>
    /// <param name="limit">How long the import itself may take.</param>
    /// <param name="time">The clock.</param>
    public static async Task<Attempt<ImportedThread>> RunAsync(
        IAppServerSession session, string transcript, string cwd, TimeSpan call, TimeSpan limit, TimeProvider time)
    {
        var gate = new Lock();
        var told = new List<JsonElement>();
        var came = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // It may come before the answer that names the import.
        using var hearing = session.Subscribe(message =>
        {
            if (message.Method != Completed)
                return;
            lock (gate)
                told.Add(message.ReadParams());
            came.TrySetResult();
        });

        try
        {
            await session.CallAsync(AppServerMethods.ExternalImport, AppServerCalls.ImportSession(transcript, cwd), call);
        }
        catch (RpcErrorException e)
        {
            return e.Error.IsUnknownMethod ? TooOld() : Failed(e.Message);
        }
        catch (Exception e) when (e is RpcTimeoutException or ConnectionLostException)
        {
            return Failed(e.Message);
        }

        using var enough = new CancellationTokenSource();
        await Task.WhenAny(came.Task, session.Ended, Task.Delay(limit, time, enough.Token));
        await enough.CancelAsync();
        if (!came.Task.IsCompleted)
            return Failed(session.Ended.IsCompleted ? (await session.Ended).Message : $"The import did not end within {limit.TotalSeconds:0} s.");
        lock (gate)
            return Read(told[0], session.Info.CodexHome, transcript, cwd);
    }

    /// <summary>Reads what the server tells at the end. Where it names no thread, its list of imports does.</summary>
    internal static Attempt<ImportedThread> Read(JsonElement told, string? codexHome, string transcript, string cwd)
    {
        var results = told.Items("itemTypeResults").ToList();
        if (results.SelectMany(result => result.Items("successes")).Select(success => success.Text("target")).FirstOrDefault(target => target is { Length: > 0 }) is { } thread)
            return new ImportedThread(thread, WasThere: false);
        if (results.SelectMany(result => result.Items("failures")).FirstOrDefault() is { ValueKind: JsonValueKind.Object } failure)
            return Failed(failure.Text("message") ?? "Codex did not say why.", failure.Text("failureStage"));
        var isNew = results.Exists(result => result.Items("successes").Any());
        return ImportRecords.ThreadOf(codexHome, transcript) is { } recorded
            ? new ImportedThread(recorded, WasThere: !isNew)
            : NothingImported(cwd);
    }

    // It passes over a session in silence when there is nothing in it, and when the directory it worked in is gone.
    private static CommandError NothingImported(string cwd) => Directory.Exists(cwd)
        ? new("transfer-failed", "Codex took the session and did not record an imported thread.", "It imports a session that holds a message.", Retryable: false, ExitCodes.Failed)
        : new(
            "transfer-failed",
            $"Codex did not record an imported thread: the session worked in {cwd}, which is no longer there.",
            "Make that directory, then give the command again.",
            Retryable: true,
            ExitCodes.Failed);

    /// <summary>Codex knows no such call.</summary>
    internal static CommandError TooOld() => new(
        "codex-too-old", "This Codex does not support Claude session transfer.", "Update it: npm install -g @openai/codex@latest", Retryable: false, ExitCodes.CodexUnavailable);

    /// <summary>The code of an import that Codex refused because it does not see the file where it looks.</summary>
    public const string NotDetected = "transfer-not-detected";

    private static CommandError Failed(string message, string? stage = null) => new(
        stage == "session_missing" ? NotDetected : "transfer-failed", $"The session could not be transferred: {message}", Hint: null, Retryable: true, ExitCodes.Failed);
}
