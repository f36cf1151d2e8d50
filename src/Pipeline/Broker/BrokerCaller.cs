namespace CodexCompanion.Pipeline.Broker;

/// <summary>Who reaches for a broker, and for what.</summary>
/// <param name="JobId">The job the connection will work for; null for a look only.</param>
/// <param name="SessionId">Claude session to register; null for none.</param>
/// <param name="Cwd">Directory of the turn that is to be run (absolute): its configuration is asked for together with the handshake, so that it
/// is there when the turn needs it. Null to ask for nothing.</param>
public sealed record BrokerCaller(string? JobId, string? SessionId, string? Cwd = null)
{
    /// <summary>Somebody who only asks the broker something.</summary>
    public static BrokerCaller Visitor { get; } = new(JobId: null, SessionId: null);
}
