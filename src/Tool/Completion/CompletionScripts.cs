namespace CodexCompanion.Tool.Completion;

/// <summary>
/// The scripts that teach a shell to complete our command lines. They hold no names of commands or options: at each TAB they ask the tool, so
/// that they know the jobs of the moment and never have to be made anew after an update.
/// </summary>
internal static class CompletionScripts
{
    /// <summary>For bash 3.2 and later.</summary>
    public const string Bash = """
        # bash completion for codex-companion. Put this line into ~/.bashrc:
        #   source <(codex-companion completion bash)
        # bash 3.2 (macOS) cannot read it that way:
        #   eval "$(codex-companion completion bash)"
        _codex_companion() {
            local current=${COMP_WORDS[COMP_CWORD]} word description
            COMPREPLY=()
            while IFS=$'\t' read -r word description; do
                case $word in
                    :files) while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$current") ;;
                    :directories) while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -d -- "$current") ;;
                    *) COMPREPLY+=("$word") ;;
                esac
            done < <(codex-companion completion suggest "--word=$current" -- "${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)
        }
        complete -o filenames -o bashdefault -F _codex_companion codex-companion

        """;

    /// <summary>For zsh.</summary>
    public const string Zsh = """
        #compdef codex-companion
        # zsh completion for codex-companion. Put this line into ~/.zshrc, below compinit:
        #   source <(codex-companion completion zsh)
        # or save it as _codex-companion in a folder of $fpath.
        _codex_companion() {
            local line
            local -a candidates
            while IFS= read -r line; do
                case $line in
                    :files*) _files; return ;;
                    :directories*) _files -/; return ;;
                esac
                candidates+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
            done < <(codex-companion completion suggest "--word=${(Q)PREFIX}" -- "${(Q@)words[2,CURRENT-1]}" 2>/dev/null)
            (( ${#candidates} )) && _describe -V 'codex-companion' candidates
        }
        if [[ ${funcstack[1]} == _codex-companion ]]; then
            _codex_companion "$@"
        else
            compdef _codex_companion codex-companion
        fi

        """;

    /// <summary>For fish.</summary>
    public const string Fish = """
        # fish completion for codex-companion:
        #   codex-companion completion fish > ~/.config/fish/completions/codex-companion.fish
        function __codex_companion_suggest
            set -l before (commandline -opc)
            set -l current (commandline -ct)
            codex-companion completion suggest "--word=$current" -- $before[2..-1] 2>/dev/null | while read -l line
                switch $line
                    case ':files*'
                        __fish_complete_path $current
                    case ':directories*'
                        __fish_complete_directories $current
                    case '*'
                        echo $line
                end
            end
        end
        complete -c codex-companion -f -k -a '(__codex_companion_suggest)'

        """;

    /// <summary>For PowerShell 5.1 and later.</summary>
    public const string PowerShell = """
        # PowerShell completion for codex-companion. Put this line into $PROFILE:
        #   codex-companion completion powershell | Out-String | Invoke-Expression
        Register-ArgumentCompleter -Native -CommandName codex-companion -ScriptBlock {
            param($wordToComplete, $commandAst, $cursorPosition)
            $before = @($commandAst.CommandElements | Select-Object -Skip 1 |
                Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.ToString() })
            & codex-companion completion suggest "--word=$wordToComplete" -- @before 2>$null | ForEach-Object {
                $word, $description = $_ -split "`t", 2
                if ($word -eq ':files' -or $word -eq ':directories') {
                    Get-ChildItem -Path "$wordToComplete*" -Directory:($word -eq ':directories') | ForEach-Object {
                        [System.Management.Automation.CompletionResult]::new($_.FullName, $_.Name, 'ParameterValue', $_.FullName)
                    }
                } else {
                    if (-not $description) { $description = $word }
                    [System.Management.Automation.CompletionResult]::new($word, $word, 'ParameterValue', $description)
                }
            }
        }

        """;
}
