using System.Text.Json;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Configuration;

namespace CodexCompanion.Tool.Jobs;

/// <summary>The record of a job that was just asked for: queued, and this process's until a worker takes it.</summary>
internal static class NewJob
{
    /// <summary>Makes it; title, class and summary are its kind's to say.</summary>
    /// <param name="host">What comes from outside.</param>
    /// <param name="store">The workspace's state.</param>
    /// <param name="work">Its work.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="request">What another process makes the work from.</param>
    public static JobRecord Of(ToolHost host, IStateStore store, IJobWork work, string kind, JsonElement request)
    {
        var turn = work.Turn;
        var self = host.Processes().Self;
        return new JobRecord
        {
            Id = turn.JobId,
            Kind = kind,
            KindLabel = kind,
            WorkspaceRoot = store.Workspace.Root,
            Cwd = turn.Cwd,
            Write = turn.MayWrite,
            Sandbox = ConfigWords.Of(turn.Sandbox),
            Model = turn.Model,
            Effort = turn.Effort,
            Status = JobStatus.Queued,
            Phase = "queued",
            ThreadId = turn.ThreadId,
            ClientMessageId = turn.ClientMessageId,
            SessionId = host.SessionId,
            Pid = self.Pid,
            Process = self,
            LogFile = store.Paths.JobLog(turn.JobId),
            CreatedAt = host.Time.GetUtcNow(),
            Request = request,
        };
    }
}
