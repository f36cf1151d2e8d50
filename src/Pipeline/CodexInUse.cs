using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Broker;
using CodexCompanion.Pipeline.Turns;

namespace CodexCompanion.Pipeline;

/// <summary>The codex this run uses, looked up once, and the fingerprint that goes with it.</summary>
public sealed class CodexInUse
{
    private readonly CodexBinary? _binary;
    private readonly LastCodex _last;
    private readonly bool _isFromPath;
    private readonly Lazy<string> _fingerprint;

    /// <summary>Looks for codex; starts nothing.</summary>
    public CodexInUse(CompanionSetup setup)
    {
        _last = new LastCodex(setup.StateRoot);
        var lookup = CodexLocator.Find(setup.Environment, setup.CodexPath, _last);
        (_binary, _isFromPath) = lookup is CodexLookup.Found found ? (found.Codex, found.IsFromPath) : (null, false);
        Missing = lookup as CodexLookup.Missing;
        _fingerprint = new Lazy<string>(() =>
            BrokerFingerprint.Compute(Binary, AppServerEnvironment.Build(setup.Environment, instanceId: ""), setup.ToolVersion));
    }

    /// <summary>Why there is none; null when there is one.</summary>
    public CodexLookup.Missing? Missing { get; }

    /// <summary>What a run without a codex comes to.</summary>
    public static Outcome.Failed NotFound(CodexLookup.Missing missing) => new(FailureKind.CodexMissing, missing.Sentence, missing.Hint);

    /// <summary>The codex.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public CodexBinary Binary => _binary ?? throw new InvalidOperationException(Missing?.Sentence);

    /// <summary>What a broker's app-server must have been started for.</summary>
    public string Fingerprint => _fingerprint.Value;

    /// <summary>Its app-server was started and answers: where PATH led to it, that is remembered for those whose PATH does not. One that somebody
    /// named is theirs alone.</summary>
    public void NoteWorked()
    {
        if (_isFromPath)
            _last.Note(Binary);
    }
}
