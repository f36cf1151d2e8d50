using CodexCompanion.StateStore;
using CodexCompanion.Tool.CommandLine;

namespace CodexCompanion.Tool.Commands;

/// <summary>The folder all state of the caller lies in, for commands that end without one.</summary>
internal static class StateFolder
{
    /// <summary>Its path, or why there is none.</summary>
    public static Attempt<string> Of(ToolHost host) => StateRoot.Resolve(host.Variable) switch
    {
        StateRoot.At at => at.Path,
        StateRoot.Refused refused => CommandError.Config(refused.Sentence),
        _ => throw new InvalidOperationException("A state root is closed."),
    };
}
