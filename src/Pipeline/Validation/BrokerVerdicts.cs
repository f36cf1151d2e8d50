using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Disk;
using CodexCompanion.StateStore.Processes;

namespace CodexCompanion.Pipeline.Validation;

/// <summary>
/// From facts to verdict: pure and total. The rules stand in the order of the table in docs/architecture.md; the first that fits counts.
/// Positive evidence is needed to call a broker gone; whatever is unclear is Unknown and stays untouched.
/// </summary>
public static class BrokerVerdicts
{
    /// <summary>Judges the facts.</summary>
    public static Verdict Judge(BrokerFacts facts, BrokerWanted wanted) => facts switch
    {
        { Lock: LockState.Unusable } => new(VerdictKind.LocksUnusable, "Locks do not work here."),

        { Record: StateReadKind.Ok, Endpoint: EndpointState.Answers, Report: { } report } => JudgeAnswer(report, wanted),

        { Record: StateReadKind.Missing, Lock: LockState.Held } =>
            new(VerdictKind.Starting, "The broker lock is held and no record is published yet."),
        { Record: StateReadKind.Missing } => new(VerdictKind.None, "There is no broker."),

        { Record: StateReadKind.Corrupt, Lock: LockState.Free } =>
            new(VerdictKind.Corrupt, "broker.json cannot be understood and nobody holds the broker lock."),
        { Record: StateReadKind.Corrupt } =>
            new(VerdictKind.Unknown, "broker.json cannot be understood, yet somebody holds the broker lock."),
        { Record: StateReadKind.TooNew } => new(VerdictKind.Unknown, "broker.json was written by a newer version of this tool."),
        { Record: StateReadKind.Unreadable } => new(VerdictKind.Unknown, "broker.json cannot be read."),

        { Lock: LockState.Held, Endpoint: EndpointState.Busy } =>
            new(VerdictKind.Busy, "The broker lives and its queue of new connections is full."),
        { Lock: LockState.Held, Endpoint: EndpointState.Silent, Process: ProcessPresence.Same or ProcessPresence.Unknown }
            when facts.RecordAge < wanted.StartLimit && facts.RecordAge > -wanted.StartLimit => // From the future: the clock was set back.
            new(VerdictKind.Starting, "The broker was started a moment ago and does not listen yet."),
        { Lock: LockState.Held, Endpoint: EndpointState.Silent } =>
            new(VerdictKind.Unresponsive, "The broker lock is held and nobody listens at the recorded endpoint."),
        { Lock: LockState.Held, Endpoint: EndpointState.Mute } =>
            new(VerdictKind.Unresponsive, "The broker accepts connections and does not answer."),

        { Lock: LockState.Free, Endpoint: EndpointState.Silent, Process: ProcessPresence.Other } =>
            new(VerdictKind.PidReused, "The broker is gone; its PID belongs to another process now."),
        { Lock: LockState.Free, Endpoint: EndpointState.Silent } =>
            new(VerdictKind.Stale, "The broker is gone; its record and socket were left behind."),

        _ => new(VerdictKind.Unknown, $"Record {facts.Record}, lock {facts.Lock}, process {facts.Process}, endpoint {facts.Endpoint}."),
    };

    private static Verdict JudgeAnswer(BrokerSelfReport report, BrokerWanted wanted) => report switch
    {
        { Draining: true } => new(VerdictKind.Retire, "The broker is draining."),
        _ when report.Protocol != wanted.Protocol =>
            new(VerdictKind.Retire, $"The broker speaks protocol {report.Protocol}, this tool {wanted.Protocol}."),
        _ when !string.Equals(report.Fingerprint, wanted.Fingerprint, StringComparison.Ordinal) =>
            report.ActiveTurns > 0 || report.Age < wanted.ConflictGrace
                ? new(VerdictKind.FingerprintConflict, "The broker serves another Codex, account or configuration and is in use.")
                : new(VerdictKind.Retire, "The broker was started for another Codex, account or configuration."),
        _ when report.Age >= wanted.MaxAge => new(VerdictKind.Retire, "The broker is too old."),
        _ => new(VerdictKind.Usable, "The broker answers."),
    };
}
