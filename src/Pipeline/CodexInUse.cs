using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Broker;

namespace CodexCompanion.Pipeline;

/// <summary>The codex this run uses, looked up once, and the fingerprint that goes with it.</summary>
public sealed class CodexInUse
{
    private readonly CodexBinary? _binary;
    private readonly Lazy<string> _fingerprint;

    /// <summary>Looks for codex; starts nothing.</summary>
    public CodexInUse(CompanionSetup setup)
    {
        var lookup = CodexLocator.Find(setup.Environment, setup.CodexPath, lastKnownPath: null);
        _binary = (lookup as CodexLookup.Found)?.Codex;
        Missing = (lookup as CodexLookup.Missing)?.Sentence;
        _fingerprint = new Lazy<string>(() =>
            BrokerFingerprint.Compute(Binary, AppServerEnvironment.Build(setup.Environment, instanceId: ""), setup.ToolVersion));
    }

    /// <summary>Why there is none, in a sentence; null when there is one.</summary>
    public string? Missing { get; }

    /// <summary>The codex.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public CodexBinary Binary => _binary ?? throw new InvalidOperationException(Missing);

    /// <summary>What a broker's app-server must have been started for.</summary>
    public string Fingerprint => _fingerprint.Value;
}
