namespace CodexCompanion.StateStore;

/// <summary>The workspace's lock files, by purpose. They are never deleted.</summary>
public enum StateLock
{
    /// <summary>Read-change-write of the state files. Held for milliseconds.</summary>
    State,

    /// <summary>Starting or replacing a broker. Held by the starting client until the broker answers.</summary>
    Start,

    /// <summary>"I accept new work": held by a broker from its start to the begin of its draining.</summary>
    Broker,
}
