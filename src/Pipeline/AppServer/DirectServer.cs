using CodexCompanion.Pipeline.Turns;

namespace CodexCompanion.Pipeline.AppServer;

/// <summary>How the start of an own app-server went: closed, one of two.</summary>
public abstract record DirectStart
{
    private DirectStart()
    {
    }

    /// <summary>It answers.</summary>
    public sealed record Started(IAppServerSession Session) : DirectStart;

    /// <summary>It does not; the outcome says why.</summary>
    public sealed record Failed(Outcome Outcome) : DirectStart;
}
