using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Pipeline.Turns;

namespace CodexCompanion.Pipeline.AppServer;

/// <summary>Why an app-server does not run, in words.</summary>
internal static class AppServerRefusal
{
    private const string CheckHint = $"Check that 'codex --version' works, or name another codex in {CodexLocator.Variable}.";

    // How the command line of a codex from before the app-server calls it.
    private const string UnknownCommand = "unrecognized subcommand";

    /// <summary>The system would not start it.</summary>
    public static AppServerStart.Failed DoesNotStart(string reason) => new(FailureKind.CodexBroken, reason, CheckHint);

    /// <summary>It ended before it answered.</summary>
    public static AppServerStart.Failed Died(CodexBinary codex, string explanation) =>
        explanation.Contains(UnknownCommand, StringComparison.Ordinal)
            ? TooOld(codex, version: null)
            : new(FailureKind.CodexBroken, explanation, CheckHint);

    /// <summary>It did not answer in time.</summary>
    public static AppServerStart.Failed Silent(string explanation, string? lastWords)
    {
        var quote = lastWords is null ? "" : $" Its last words: {lastWords}";
        return new(FailureKind.CodexBroken, $"codex app-server started and stays silent: {explanation}{quote}", CheckHint);
    }

    /// <summary>It answered with an error.</summary>
    public static AppServerStart.Failed Refused(RpcError error) =>
        new(FailureKind.CodexBroken, $"codex app-server refused to initialize: {error.Message}", CheckHint);

    /// <summary>It is older than we can work with.</summary>
    public static AppServerStart.Failed TooOld(CodexBinary codex, Version? version) => new(
        FailureKind.CodexTooOld,
        $"Codex {(version is null ? "" : version + " ")}at {codex.GivenPath} is too old: version {AppServerVersion.Minimum} or newer is needed.",
        $"Update it, for example with '{codex.UpdateCommand}'.");
}
