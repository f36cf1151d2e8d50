namespace CodexCompanion.Tool.Selftest.Simulator;

/// <summary>The ways in which the two codex versions that were measured differ on the wire.</summary>
internal sealed record Dialect
{
    private Dialect(string version, bool isModern)
    {
        Version = version;
        IsModern = isModern;
    }

    /// <summary>0.169: one writer per thread, a second <c>turn/start</c> steers, the end of a turn carries its answer.</summary>
    public static Dialect V169 { get; } = new("0.169.0", isModern: true);

    /// <summary>0.142: none of these.</summary>
    public static Dialect V142 { get; } = new("0.142.2", isModern: false);

    /// <summary>The version in the user agent.</summary>
    public string Version { get; }

    /// <summary>Whether the members and rules 0.169 added are in force.</summary>
    public bool IsModern { get; }

    /// <summary>The dialect a script names: 0.142 by that prefix, else the newest.</summary>
    public static Dialect Of(string name) => name.StartsWith("0.142", StringComparison.Ordinal) ? V142 : V169;
}
