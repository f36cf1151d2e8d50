namespace CodexCompanion.Tool.Doctor;

/// <summary>What came of a repair: closed, one of three.</summary>
internal abstract record Repair
{
    private Repair()
    {
    }

    /// <summary>Done, as a phrase: "removed 2 sockets".</summary>
    internal sealed record Done(string What) : Repair;

    /// <summary>Looked at again, it was not so any more: somebody else was quicker, or it has mended itself.</summary>
    internal sealed record NotNeeded : Repair;

    /// <summary>Could not be done.</summary>
    internal sealed record Refused(string Why) : Repair;
}
