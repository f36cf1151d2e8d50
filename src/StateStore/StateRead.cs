namespace CodexCompanion.StateStore;

/// <summary>What a read of a state file found. Corrupt is never "empty": only <see cref="Missing"/> means there is nothing.</summary>
public enum StateReadKind
{
    /// <summary>The file was read and understood.</summary>
    Ok,

    /// <summary>There is no such file.</summary>
    Missing,

    /// <summary>The file is there, and is not what it should be (torn, not JSON, wrong types, not a regular file).</summary>
    Corrupt,

    /// <summary>A later version of the tool wrote it. It is left untouched.</summary>
    TooNew,

    /// <summary>The system did not let us read it (permission, I/O error, foreign owner).</summary>
    Unreadable,
}

/// <summary>The answer of a read: its kind, the value when there is one, and a sentence on what was wrong when there is none.</summary>
/// <param name="Kind">What was found.</param>
/// <param name="Value">The value; not null exactly when <paramref name="Kind"/> is <see cref="StateReadKind.Ok"/>.</param>
/// <param name="Detail">One sentence for a person on why there is no value; null when there is one or nothing was there.</param>
public sealed record StateRead<T>(StateReadKind Kind, T? Value, string? Detail)
    where T : class
{
    /// <summary>A value that was read and understood.</summary>
    public static StateRead<T> Ok(T value) => new(StateReadKind.Ok, value, Detail: null);

    /// <summary>Nothing there.</summary>
    public static StateRead<T> Missing() => new(StateReadKind.Missing, Value: null, Detail: null);

    /// <summary>No value, for the reason given.</summary>
    public static StateRead<T> Bad(StateReadKind kind, string detail) => new(kind, Value: null, detail);
}
