namespace CodexCompanion.Pipeline.AppServer;

/// <summary>
/// What the user allows beforehand of that which an app-server may ask while nobody is there to be asked. Nothing, unless the configuration says so;
/// a workspace's own file cannot.
/// </summary>
public sealed record ServerRequestRules
{
    /// <summary>Approve commands.</summary>
    public bool ApproveCommands { get; init; }

    /// <summary>Approve changes of files.</summary>
    public bool ApproveFileChanges { get; init; }

    /// <summary>Grant further permissions (paths, network), for the turn that asks.</summary>
    public bool GrantPermissions { get; init; }

    /// <summary>Tell an MCP server that its question was declined, rather than that it was cancelled.</summary>
    public bool DeclineElicitations { get; init; }
}
