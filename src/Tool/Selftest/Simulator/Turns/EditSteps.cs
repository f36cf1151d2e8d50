using System.Text;
using CodexCompanion.Tool.Selftest.Simulator.Journal;
using CodexCompanion.Tool.Selftest.Simulator.Shapes;
using CodexCompanion.Tool.Selftest.Simulator.Threads;

namespace CodexCompanion.Tool.Selftest.Simulator.Turns;

/// <summary>The files the simulated agent changes: the side effects that must happen once and no more.</summary>
internal sealed class EditSteps(ServerContext server, LoadedThread thread, ActiveTurn turn, TurnVoice voice, bool onlyMissing)
{
    /// <summary>Adds the effect's line to the file, unless the sandbox forbids it or a continuation finds it done.</summary>
    public void Make(Directive.Edit edit)
    {
        var path = Path.GetFullPath(edit.Path, thread.History.Info.Cwd);
        var isNew = !File.Exists(path);
        if (onlyMissing && !isNew && File.ReadLines(path).Contains(edit.Effect, StringComparer.Ordinal))
        {
            Write(JournalEvents.EditSkipped, edit, path);
            return;
        }

        var id = "patch_" + server.NewId();
        var startedAt = voice.ItemStarted(ItemShapes.FileChange(id, path, isNew, edit.Effect, "inProgress"));
        var sandbox = turn.Sandbox ?? thread.Settings.Sandbox;
        if (sandbox["type"]?.GetValue<string>() is "readOnly")
        {
            Write(JournalEvents.EditRefused, edit, path);
            voice.ItemCompleted(ItemShapes.FileChange(id, path, isNew, edit.Effect, "declined"), startedAt);
            return;
        }

        // Last look: a server that died meanwhile leaves no effects behind.
        server.Lifetime.Stopping.ThrowIfCancellationRequested();
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        AppendOnlyFile.Append(path, Encoding.UTF8.GetBytes(edit.Effect));
        Write(JournalEvents.Edit, edit, path);
        voice.ItemCompleted(ItemShapes.FileChange(id, path, isNew, edit.Effect, "completed"), startedAt);
        voice.Say("turn/diff/updated", voice.Of(("diff", $"--- a/{edit.Path}\n+++ b/{edit.Path}\n@@\n+{edit.Effect}\n")));
    }

    private void Write(string what, Directive.Edit edit, string path) => server.Journal.Write(what, e => e with
    {
        ThreadId = thread.Id,
        TurnId = turn.Turn.Id,
        ClientUserMessageId = turn.ClientUserMessageId,
        Effect = edit.Effect,
        Path = path,
    });
}
