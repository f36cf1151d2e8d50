using CodexCompanion.Pipeline.Broker;

namespace CodexCompanion.Tool.Rendering;

/// <summary><c>broker status --json</c>.</summary>
/// <param name="Running">Whether a broker answers.</param>
/// <param name="Workspace">Root of the workspace.</param>
/// <param name="Problem">Why none answers although one is recorded; null otherwise.</param>
/// <param name="Broker">The broker's own words; null when none answers.</param>
internal sealed record BrokerStatusJson(bool Running, string Workspace, string? Problem, BrokerStatus? Broker);

/// <summary><c>broker stop --json</c>.</summary>
/// <param name="Stopped">Whether no broker runs any more.</param>
/// <param name="ActiveTurns">Turns it still waits for.</param>
/// <param name="Message">The same in a sentence.</param>
internal sealed record BrokerStopJson(bool Stopped, int ActiveTurns, string Message);
