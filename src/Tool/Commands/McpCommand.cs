using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Mcp;

namespace CodexCompanion.Tool.Commands;

/// <summary><c>mcp</c>: the tool as a server of the Model Context Protocol. Nothing of the protocol's library is loaded before it runs.</summary>
internal static class McpCommand
{
    /// <summary>The command.</summary>
    public static CommandSpec Spec { get; } = new("mcp", "Serve tasks, reviews and jobs to a host that speaks the Model Context Protocol, over stdin and stdout.")
    {
        Run = RunAsync,
        Examples = ["codex-companion mcp", "codex-companion mcp --cwd ~/src/project", "claude mcp add codex-companion -- codex-companion mcp"],
    };

    private static async Task<int> RunAsync(CommandCall call, ToolHost host)
    {
        var directory = WorkingDirectory.Of(call, host);
        if (directory.Value is not { } cwd)
            return Rendering.Reporter.Fail(host.Streams, directory.Error!, call.Json);
        if (host.Streams.InputIsTerminal())
        {
            var error = CommandError.Usage(
                "A host starts this command and speaks the Model Context Protocol with it; stdin is a terminal.",
                $"Give your host the command line: {CommandApplication.ToolName} {call.Path}");
            return Rendering.Reporter.Fail(host.Streams, error, call.Json);
        }

        await McpFace.ServeAsync(host with { CurrentDirectory = cwd });
        return ExitCodes.Done;
    }
}
