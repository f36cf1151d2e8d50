using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Completion;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Commands;

/// <summary><c>completion</c>: scripts for shells, and the answers to what those ask at each TAB.</summary>
internal static class CompletionCommand
{
    private static readonly OptionSpec Word = new("word", OptionArity.Value, "What is there of the word to complete.") { ValueName = "TEXT" };

    /// <summary>The command and those below it.</summary>
    public static CommandSpec Spec { get; } = new("completion", "Print the script that lets a shell complete commands, options and job ids.")
    {
        Subcommands =
        [
            Script("bash", "bash", CompletionScripts.Bash, "source <(codex-companion completion bash)", "codex-companion completion bash > ~/.local/share/bash-completion/completions/codex-companion"),
            Script("zsh", "zsh", CompletionScripts.Zsh, "source <(codex-companion completion zsh)", "codex-companion completion zsh > \"${fpath[1]}/_codex-companion\""),
            Script("fish", "fish", CompletionScripts.Fish, "codex-companion completion fish | source", "codex-companion completion fish > ~/.config/fish/completions/codex-companion.fish"),
            Script("powershell", "PowerShell", CompletionScripts.PowerShell, "codex-companion completion powershell | Out-String | Invoke-Expression", "codex-companion completion powershell >> $PROFILE"),
            new("suggest", "Answer a shell that completes a command line (internal).")
            {
                Options = [Word],
                WordName = "words",
                WordDescription = "The words before it, without the program.",
                FreeText = true,
                Hidden = true,
                Run = SuggestAsync,
                Examples = ["codex-companion completion suggest --word=--mo -- task", "codex-companion completion suggest --word=st"],
            },
        ],
        Examples = ["source <(codex-companion completion bash)", "codex-companion completion fish | source"],
    };

    private static CommandSpec Script(string name, string shell, string script, params string[] examples) => new(name, $"Print the script for {shell}.")
    {
        Run = (call, host) =>
        {
            var text = call.Json ? JsonText.Line(new CompletionJson(name, script), ToolJson.Default.CompletionJson) + "\n" : script;
            Reporter.TryPrint(host.Streams, text);
            return Task.FromResult(ExitCodes.Done);
        },
        Examples = examples,
    };

    private static Task<int> SuggestAsync(CommandCall call, ToolHost host)
    {
        var completer = new Completer(CommandCatalog.Root, activeOnly => Jobs(call, host, activeOnly));
        var lines = completer.For(call.Words, call.Options.Value(Word) ?? "").Select(candidate => $"{candidate.Word}\t{Plain.OneLine(candidate.Description)}\n");
        Reporter.TryPrint(host.Streams, string.Concat(lines));
        return Task.FromResult(ExitCodes.Done);
    }

    /// <summary>The jobs of the workspace that the line to complete names, or of this one.</summary>
    private static IEnumerable<Candidate> Jobs(CommandCall call, ToolHost host, bool activeOnly)
    {
        var named = call.Words.Zip(call.Words.Skip(1), (option, value) => option is "-C" or "--cwd" ? value : null).LastOrDefault(value => value is not null);
        try
        {
            // Without a directory there is no workspace whose jobs could be meant.
            return WorkingDirectory.Absolute(named ?? host.CurrentDirectory, host) is { } cwd ? [.. JobCandidates.In(host, cwd, activeOnly)] : [];
        }
        catch (Exception problem) when (problem is StateStore.StateStoreException or IOException or UnauthorizedAccessException)
        {
            return []; // A TAB is no place to complain.
        }
    }
}
