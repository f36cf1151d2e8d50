using System.Text;
using System.Text.Json;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Mcp;

/// <summary>How a command line of ours ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">The object it printed.</param>
internal sealed record OwnCommandEnd(int ExitCode, JsonElement Output)
{
    /// <summary>The error it printed; null when it printed its result.</summary>
    public JsonElement? Error => Output.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object ? error : null;
}

/// <summary>
/// Runs command lines of ours in this process, with their output in memory. A tool is a command line, so that both faces check, record and answer
/// alike; stdout belongs to the protocol, and no command ever sees it.
/// </summary>
internal sealed class OwnCommandLine(ToolHost host)
{
    /// <summary>Runs one.</summary>
    /// <param name="arguments">The command and what belongs to it.</param>
    /// <param name="input">What it finds on stdin.</param>
    public async Task<OwnCommandEnd> RunAsync(IReadOnlyList<string> arguments, string input = "")
    {
        using var output = new MemoryStream();
        // A lone surrogate becomes U+FFFD, as it would on any stdin.
        var streams = new StandardStreams(() => new MemoryStream(Encoding.UTF8.GetBytes(input)), () => output, () => Stream.Null);
        var exitCode = await Entry.RunAsync(CommandCatalog.Root, arguments, host with { Streams = streams });
        using var document = JsonDocument.Parse(output.ToArray());
        return new OwnCommandEnd(exitCode, document.RootElement.Clone());
    }

    /// <summary>The call that a command line asks for, for code that works on calls.</summary>
    public static Attempt<CommandCall> Call(IReadOnlyList<string> arguments) => CommandLineParser.Parse(CommandCatalog.Root, arguments) switch
    {
        Invocation.Run run => run.Call,
        Invocation.Bad bad => CommandError.Usage(bad.Error.Message, bad.Error.Hint),
        _ => throw new InvalidOperationException("A command line of ours asks for a command."),
    };
}
