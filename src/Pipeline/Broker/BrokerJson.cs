using CodexCompanion.StateStore.Json;
using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.Pipeline.Broker;

/// <summary>JSON of the broker's own messages.</summary>
public static class BrokerJson
{
    // First: the formats below are made with it.
    private static JsonFormat<AppServerState> AppServerState { get; } = new(
        m => new(
            m.RequiredObject("process", ProcessIdentityFormat.Instance),
            m.RequiredText("userAgent"),
            m.Text("codexHome"),
            m.RequiredInteger("generation")),
        (w, server) =>
        {
            w.Object("process"u8, server.Process, ProcessIdentityFormat.Instance);
            w.Text("userAgent"u8, server.UserAgent);
            w.Text("codexHome"u8, server.CodexHome);
            w.Number("generation"u8, server.Generation);
        });

    /// <summary>Params of <see cref="BrokerProtocol.Hello"/>.</summary>
    public static JsonFormat<HelloParams> HelloParams { get; } = new(
        m => new(m.RequiredText("cookie"), m.RequiredInteger("protocol"), m.Text("jobId"), m.Text("sessionId")),
        (w, hello) =>
        {
            w.Text("cookie"u8, hello.Cookie);
            w.Number("protocol"u8, hello.Protocol);
            w.Text("jobId"u8, hello.JobId);
            w.Text("sessionId"u8, hello.SessionId);
        });

    /// <summary>Answer to <see cref="BrokerProtocol.Hello"/>.</summary>
    public static JsonFormat<HelloResult> HelloResult { get; } = new(
        m => new()
        {
            Cookie = m.RequiredText("cookie"),
            InstanceId = m.RequiredText("instanceId"),
            Draining = m.Flag("draining"),
            Protocol = m.Integer("protocol") ?? 0,
            ToolVersion = m.RequiredText("toolVersion"),
            Fingerprint = m.RequiredText("fingerprint"),
            AgeMs = m.LongInteger("ageMs") ?? 0,
            ActiveTurns = m.Integer("activeTurns") ?? 0,
            Process = m.RequiredObject("process", ProcessIdentityFormat.Instance),
            AppServer = m.Object("appServer", AppServerState),
        },
        (w, hello) =>
        {
            w.Text("cookie"u8, hello.Cookie);
            w.Text("instanceId"u8, hello.InstanceId);
            w.WriteBoolean("draining"u8, hello.Draining);
            w.Number("protocol"u8, hello.Protocol);
            w.Text("toolVersion"u8, hello.ToolVersion);
            w.Text("fingerprint"u8, hello.Fingerprint);
            w.Number("ageMs"u8, hello.AgeMs);
            w.Number("activeTurns"u8, hello.ActiveTurns);
            w.Object("process"u8, hello.Process, ProcessIdentityFormat.Instance);
            w.Object("appServer"u8, hello.AppServer, AppServerState);
        });

    /// <summary>Params of <see cref="BrokerProtocol.Drain"/>.</summary>
    public static JsonFormat<DrainParams> DrainParams { get; } = new(
        m => new(m.RequiredText("reason"), m.Flag("stopTurns")),
        (w, drain) =>
        {
            w.Text("reason"u8, drain.Reason);
            w.WriteBoolean("stopTurns"u8, drain.StopTurns);
        });

    /// <summary>Answer to <see cref="BrokerProtocol.Drain"/>.</summary>
    public static JsonFormat<DrainResult> DrainResult { get; } = new(
        m => new(m.RequiredInteger("activeTurns")), (w, drain) => w.Number("activeTurns"u8, drain.ActiveTurns));

    /// <summary>Params of the methods about one thread.</summary>
    public static JsonFormat<ThreadParams> ThreadParams { get; } = new(
        m => new(m.RequiredText("threadId"), m.Text("turnId"), m.Text("jobId")),
        (w, thread) =>
        {
            w.Text("threadId"u8, thread.ThreadId);
            w.Text("turnId"u8, thread.TurnId);
            w.Text("jobId"u8, thread.JobId);
        });

    /// <summary>Answer to <see cref="BrokerProtocol.TurnActive"/>.</summary>
    public static JsonFormat<TurnActiveResult> TurnActiveResult { get; } = new(
        m => new(m.Flag("active")), (w, answer) => w.WriteBoolean("active"u8, answer.Active));

    /// <summary>Answer to <see cref="BrokerProtocol.StopTurn"/>.</summary>
    public static JsonFormat<StopTurnResult> StopTurnResult { get; } = new(
        m => new(m.Flag("interruptSent"), m.Flag("turnEnded"), m.Texts("processesLeft") ?? [], m.RequiredText("detail")),
        (w, stop) =>
        {
            w.WriteBoolean("interruptSent"u8, stop.InterruptSent);
            w.WriteBoolean("turnEnded"u8, stop.TurnEnded);
            w.Texts("processesLeft"u8, stop.ProcessesLeft);
            w.Text("detail"u8, stop.Detail);
        });

    /// <summary>Params of <see cref="BrokerProtocol.ReleaseSession"/>.</summary>
    public static JsonFormat<SessionParams> SessionParams { get; } = new(
        m => new(m.RequiredText("sessionId")), (w, session) => w.Text("sessionId"u8, session.SessionId));

    /// <summary>Params of <see cref="BrokerProtocol.ThreadServer"/>.</summary>
    public static JsonFormat<ThreadServerParams> ThreadServerParams { get; } = new(
        m => new(m.RequiredText("threadId"), m.RequiredObject("process", ProcessIdentityFormat.Instance)),
        (w, server) =>
        {
            w.Text("threadId"u8, server.ThreadId);
            w.Object("process"u8, server.Process, ProcessIdentityFormat.Instance);
        });

    /// <summary>Params of <see cref="BrokerProtocol.AppServerLost"/>.</summary>
    public static JsonFormat<AppServerLostParams> AppServerLostParams { get; } = new(
        m => new(m.RequiredText("message")), (w, lost) => w.Text("message"u8, lost.Message));

    /// <summary>Params of <see cref="BrokerProtocol.Answered"/>.</summary>
    public static JsonFormat<AnsweredParams> AnsweredParams { get; } = new(
        m => new(m.Text("threadId"), m.RequiredText("sentence")),
        (w, answered) =>
        {
            w.Text("threadId"u8, answered.ThreadId);
            w.Text("sentence"u8, answered.Sentence);
        });
}
