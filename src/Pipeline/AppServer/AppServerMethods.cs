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

    /// <summary>Ends the commands a thread left running. Needs <c>experimentalApi</c>; older servers lack it.</summary>
    public const string BackgroundTerminalsClean = "thread/backgroundTerminals/clean";

    /// <summary>Starts a turn.</summary>
    public const string TurnStart = "turn/start";

    /// <summary>Interrupts a turn, not the commands it started.</summary>
    public const string TurnInterrupt = "turn/interrupt";

    /// <summary>Reads the resolved configuration.</summary>
    public const string ConfigRead = "config/read";
}
