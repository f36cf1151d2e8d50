using CodexCompanion.StateStore;
using CodexCompanion.Tool.Commands;
using CodexCompanion.Tool.Hooks;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.CommandLine;

/// <summary>From a command line to an exit code. Help, version and usage errors end here and touch nothing else.</summary>
internal static class Entry
{
    private static readonly UsageError Damaged = new("An argument is not UTF-8 text.", "Text in another encoding would reach Codex garbled; convert it first.");

    /// <summary>Runs a command line.</summary>
    public static async Task<int> RunAsync(CommandSpec root, IReadOnlyList<string> arguments, ToolHost host)
    {
        var invocation = host.ArgumentsAreDamaged ? new Invocation.Bad(Damaged, "") : CommandLineParser.Parse(root, arguments);
        if (invocation is Invocation.Run { Call: var call } && call.Options.Has(GlobalOptions.ArgumentsStdin))
        {
            var raw = PromptInput.ReadStdin(host, "the arguments", $"Pipe them in, or give them on the command line, without {GlobalOptions.ArgumentsStdin.Display}.");
            if (raw.Error is not null)
                return Reporter.Fail(host.Streams, raw.Error, call.Json);
            invocation = CommandLineParser.WithRaw(call, raw.Value!);
        }

        if (HookRun.IsCalledBy(arguments) && Refusal(invocation) is { } refusal)
            return HookRun.Refuse(host, refusal.Message, refusal.Hint);
        var exitCode = invocation switch
        {
            Invocation.Help help => Help(help, host, arguments),
            Invocation.Version => Version(host, arguments),
            Invocation.Bad bad => Bad(bad, host, arguments),
            Invocation.Run run => await RunAsync(run.Call, host),
            _ => throw new InvalidOperationException("An invocation is closed."),
        };
        if (host.Streams.OutputFailure is not { } failure || HookRun.IsCalledBy(arguments))
            return exitCode;

        // A script must not take half a result for a whole one.
        host.Streams.WriteErrorLine($"error: stdout could not be written: {failure}.");
        return exitCode == ExitCodes.Done ? ExitCodes.Failed : exitCode;
    }

    // What a command line that cannot be run is told.
    private static UsageError? Refusal(Invocation invocation) => invocation switch
    {
        Invocation.Bad bad => bad.Error,
        Invocation.Help { Asked: false } => new UsageError("No hook was named."),
        _ => null,
    };

    private static async Task<int> RunAsync(CommandCall call, ToolHost host)
    {
        try
        {
            return await call.Command.Run!(call, host);
        }
        catch (StateStoreException refused)
        {
            return Reporter.Fail(host.Streams, CommandError.State(refused), call.Json);
        }
        catch (Exception fault)
        {
            // A fault of ours: say it in the same way as everything else, and where it happened to whoever wants to know.
            if (call.Verbose && !call.Json)
                host.Streams.WriteErrorLine(fault.ToString());
            var error = new CommandError("internal", $"{fault.GetType().Name}: {fault.Message}", "--verbose shows where.", Retryable: false, ExitCodes.Failed);
            return Reporter.Fail(host.Streams, error, call.Json);
        }
    }

    private static int Help(Invocation.Help help, ToolHost host, IReadOnlyList<string> arguments)
    {
        if (!help.Asked)
        {
            var line = help.Path.Length == 0 ? CommandApplication.ToolName : $"{CommandApplication.ToolName} {help.Path}";
            if (AsksJson(arguments))
                return Reporter.Fail(host.Streams, CommandError.Usage("No command was given.", $"{line} --help lists them."), json: true);
            var usage = CommandApplication.Help(help.Command, line);
            host.Streams.WriteError(host.Streams.ErrorIsTerminal() ? HelpLines.Fit(usage, host.Streams.ErrorWidth()) : usage);
            return ExitCodes.Usage;
        }

        var path = help.Path.Length == 0 ? CommandApplication.ToolName : $"{CommandApplication.ToolName} {help.Path}";
        var text = CommandApplication.Help(help.Command, path);
        // What no terminal shows stays in long lines, so that it can be searched.
        if (host.Streams.OutputIsTerminal())
            text = HelpLines.Fit(text, host.Streams.OutputWidth());
        Reporter.TryPrint(
            host.Streams, AsksJson(arguments) ? JsonText.Line(new HelpJson(path, text), ToolJson.Default.HelpJson) + "\n" : text);
        return ExitCodes.Done;
    }

    private static int Version(ToolHost host, IReadOnlyList<string> arguments)
    {
        var version = ToolVersion.Text;
        Reporter.TryPrint(
            host.Streams,
            AsksJson(arguments)
                ? JsonText.Line(new VersionJson(CommandApplication.ToolName, version), ToolJson.Default.VersionJson) + "\n"
                : version + "\n");
        return ExitCodes.Done;
    }

    private static int Bad(Invocation.Bad bad, ToolHost host, IReadOnlyList<string> arguments)
    {
        var more = bad.Path.Length == 0 ? $"{CommandApplication.ToolName} --help" : $"{CommandApplication.ToolName} {bad.Path} --help";
        return Reporter.Fail(
            host.Streams, CommandError.Usage(bad.Error.Message, bad.Error.Hint ?? $"{more} tells more."), AsksJson(arguments));
    }

    // The line may be too broken to be parsed, and a program still wants its answer in JSON.
    private static bool AsksJson(IReadOnlyList<string> arguments) =>
        arguments.TakeWhile(argument => argument != "--").Contains(GlobalOptions.Json.Display, StringComparer.Ordinal);
}
