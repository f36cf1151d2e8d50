using System.Text.Json;
using CodexCompanion.StateStore.Json;
using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.StateStore.Records;

/// <summary>A job as <c>jobs/&lt;id&gt;.json</c> and the index hold it.</summary>
internal static class JobRecordFormat
{
    /// <summary>The format.</summary>
    public static JsonFormat<JobRecord> Instance { get; } = new(Read, Write);

    private static JobRecord Read(JsonMembers members) => new()
    {
        Version = members.Integer("version") ?? 0,
        Id = members.RequiredText("id"),
        Kind = members.Text("kind"),
        KindLabel = members.Text("kindLabel"),
        Title = members.Text("title"),
        JobClass = members.Text("jobClass"),
        Summary = members.Text("summary"),
        WorkspaceRoot = members.Text("workspaceRoot"),
        Cwd = members.Text("cwd"),
        Write = members.Flag("write"),
        Sandbox = members.Text("sandbox"),
        Model = members.Text("model"),
        Effort = members.Text("effort"),
        Status = JobStatusWords.Read(members.Text("status")),
        Phase = members.Text("phase"),
        ThreadId = members.Text("threadId"),
        TurnId = members.Text("turnId"),
        ClientMessageId = members.Text("clientMessageId"),
        SessionId = members.Text("sessionId"),
        Pid = members.Integer("pid"),
        Process = members.Object("process", ProcessIdentityFormat.Instance),
        AppServer = members.Object("appServer", ProcessIdentityFormat.Instance),
        BrokerEndpoint = members.Text("brokerEndpoint"),
        LogFile = members.Text("logFile"),
        CreatedAt = members.Time("createdAt"),
        StartedAt = members.Time("startedAt"),
        UpdatedAt = members.Time("updatedAt"),
        CompletedAt = members.Time("completedAt"),
        CollectedAt = members.Time("collectedAt"),
        CancelRequestedAt = members.Time("cancelRequestedAt"),
        Stop = members.Any("stop"),
        RecoveryTriedAt = members.Time("recoveryTriedAt"),
        ErrorCode = members.Text("errorCode"),
        ErrorMessage = members.Text("errorMessage"),
        ExitCode = members.Integer("exitCode"),
        Request = members.Any("request"),
        Result = members.Any("result"),
        Rendered = members.Text("rendered"),
        TouchedFiles = members.Texts("touchedFiles"),
        Usage = members.Any("usage"),
        RecoveryNotes = members.Texts("recoveryNotes"),
        Extra = members.Rest(),
    };

    private static void Write(Utf8JsonWriter writer, JobRecord job)
    {
        writer.Number("version"u8, job.Version);
        writer.Text("id"u8, job.Id);
        writer.Text("kind"u8, job.Kind);
        writer.Text("kindLabel"u8, job.KindLabel);
        writer.Text("title"u8, job.Title);
        writer.Text("jobClass"u8, job.JobClass);
        writer.Text("summary"u8, job.Summary);
        writer.Text("workspaceRoot"u8, job.WorkspaceRoot);
        writer.Text("cwd"u8, job.Cwd);
        writer.WriteBoolean("write"u8, job.Write);
        writer.Text("sandbox"u8, job.Sandbox);
        writer.Text("model"u8, job.Model);
        writer.Text("effort"u8, job.Effort);
        writer.Text("status"u8, JobStatusWords.Of(job.Status));
        writer.Text("phase"u8, job.Phase);
        writer.Text("threadId"u8, job.ThreadId);
        writer.Text("turnId"u8, job.TurnId);
        writer.Text("clientMessageId"u8, job.ClientMessageId);
        writer.Text("sessionId"u8, job.SessionId);
        writer.Number("pid"u8, job.Pid);
        writer.Object("process"u8, job.Process, ProcessIdentityFormat.Instance);
        writer.Object("appServer"u8, job.AppServer, ProcessIdentityFormat.Instance);
        writer.Text("brokerEndpoint"u8, job.BrokerEndpoint);
        writer.Text("logFile"u8, job.LogFile);
        writer.Time("createdAt"u8, job.CreatedAt);
        writer.Time("startedAt"u8, job.StartedAt);
        writer.Time("updatedAt"u8, job.UpdatedAt);
        writer.Time("completedAt"u8, job.CompletedAt);
        writer.Time("collectedAt"u8, job.CollectedAt);
        writer.Time("cancelRequestedAt"u8, job.CancelRequestedAt);
        writer.Any("stop"u8, job.Stop);
        writer.Time("recoveryTriedAt"u8, job.RecoveryTriedAt);
        writer.Text("errorCode"u8, job.ErrorCode);
        writer.Text("errorMessage"u8, job.ErrorMessage);
        writer.Number("exitCode"u8, job.ExitCode);
        writer.Any("request"u8, job.Request);
        writer.Any("result"u8, job.Result);
        writer.Text("rendered"u8, job.Rendered);
        writer.Texts("touchedFiles"u8, job.TouchedFiles);
        writer.Any("usage"u8, job.Usage);
        writer.Texts("recoveryNotes"u8, job.RecoveryNotes);
        writer.Rest(job.Extra);
    }
}
