using CodexCompanion.StateStore.Records;

namespace CodexCompanion.StateStore;

/// <content>findings.json.</content>
public sealed partial class FileStateStore
{
    // A finding has a page of text at most: this is room for some thousands.
    private const int LargestLedger = 32 * 1024 * 1024;

    /// <inheritdoc/>
    public StateRead<FindingsLedger> ReadFindings() =>
        _reader.Read(Paths.FindingsFile, LargestLedger, FindingsLedger.CurrentVersion, FindingsLedgerFormat.Instance);

    /// <inheritdoc/>
    public FindingsLedger UpdateFindings(Func<FindingsLedger, FindingsLedger> change) => UnderLock("change the findings", () =>
    {
        var read = ReadFindings();
        if (read.Kind is StateReadKind.TooNew or StateReadKind.Unreadable)
            throw Refused(Paths.FindingsFile, read);
        if (read.Kind == StateReadKind.Corrupt)
            _quarantine.Move(Paths.FindingsFile); // What was decided is lost, what was found is found again; the file itself is kept.
        var before = read.Value ?? new FindingsLedger();
        var after = change(before);
        if (ReferenceEquals(before, after))
            return before;
        after = after with { Version = FindingsLedger.CurrentVersion };
        _writer.Write(Paths.FindingsFile, FindingsLedgerFormat.Instance.ToBytes(after, indented: true));
        return after;
    });
}
