namespace CodexCompanion.Pipeline.AppServer;

/// <summary>The app-server's methods that this product calls.</summary>
public static class AppServerMethods
{
    /// <summary>Starts a thread.</summary>
    public const string ThreadStart = "thread/start";

    /// <summary>Loads a thread to continue it.</summary>
    public const string ThreadResume = "thread/resume";

    /// <summary>Reads a thread without loading it.</summary>
    public const string ThreadRead = "thread/read";

    /// <summary>Names a thread.</summary>
    public const string ThreadNameSet = "thread/name/set";

    /// <summary>Archives a thread; unloads it too.</summary>
    public const string ThreadArchive = "thread/archive";

    /// <summary>Takes a thread out of the archive.</summary>
    public const string ThreadUnarchive = "thread/unarchive";

    /// <summary>Unloads a thread and removes what is recorded of it.</summary>
    public const string ThreadDelete = "thread/delete";

    /// <summary>Ends the commands a thread left running. Needs <c>experimentalApi</c>; older servers lack it.</summary>
    public const string BackgroundTerminalsClean = "thread/backgroundTerminals/clean";

    /// <summary>Starts a turn.</summary>
    public const string TurnStart = "turn/start";

    /// <summary>Starts a turn of Codex's own reviewer.</summary>
    public const string ReviewStart = "review/start";

    /// <summary>Interrupts a turn, not the commands it started.</summary>
    public const string TurnInterrupt = "turn/interrupt";

    /// <summary>Reads the resolved configuration.</summary>
    public const string ConfigRead = "config/read";

    /// <summary>Lists the models and their efforts, in pages.</summary>
    public const string ModelList = "model/list";

    /// <summary>Tells who is logged in.</summary>
    public const string AccountRead = "account/read";

    /// <summary>Tells how much of the account's limits is used.</summary>
    public const string RateLimitsRead = "account/rateLimits/read";

    /// <summary>Takes over sessions of another agent; a notification tells the end.</summary>
    public const string ExternalImport = "externalAgentConfig/import";
}
