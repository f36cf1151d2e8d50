using System.Text;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Rendering;
using CodexCompanion.Tool.Reviews;
using CodexCompanion.Tool.Reviews.Findings;
using CodexCompanion.Tool.Reviews.Rendering;

namespace CodexCompanion.Tool.Commands;

/// <summary><c>findings</c>: what reviews of this workspace found, and what was decided about it.</summary>
internal static class FindingsCommand
{
    private static readonly OptionSpec All = new("all", OptionArity.Flag, "List those that are fixed, accepted or wrong, too.");

    private static readonly OptionSpec Wrong = new("wrong", OptionArity.Flag, "It is no finding at all, rather than one to live with.");

    private static readonly OptionSpec Reason =
        new("reason", OptionArity.Value, "Why, for whoever reads the list later.") { ValueName = "TEXT" };

    /// <summary>The command and those below it.</summary>
    public static CommandSpec Spec { get; } = new("findings", "List what reviews found, and decide about it.")
    {
        Subcommands = [List, Accept, Reopen],
        Examples = ["codex-companion findings list", "codex-companion findings accept 1a2b3c --reason \"only on Windows 7\"", "codex-companion findings reopen 1a2b3c"],
    };

    private static CommandSpec List => new("list", "List the open findings of this workspace.")
    {
        Options = [All],
        Run = (call, host) => Task.FromResult(RunList(call, host)),
        Examples = ["codex-companion findings list", "codex-companion findings list --all --json"],
    };

    private static CommandSpec Accept => new("accept", "Accept a finding: reviews leave it out of account from now on.")
    {
        Options = [Wrong, Reason],
        WordName = "id",
        WordDescription = "Its id, or the begin of it.",
        MostWords = 1,
        Run = (call, host) => Task.FromResult(Decide(call, host, call.Options.Has(Wrong) ? FindingState.Wrong : FindingState.Accepted)),
        Examples = ["codex-companion findings accept 1a2b3c", "codex-companion findings accept 1a2b3c --wrong --reason \"the lock is held by the caller\""],
    };

    private static CommandSpec Reopen => new("reopen", "Take a decision back.")
    {
        WordName = "id",
        WordDescription = "Its id, or the begin of it.",
        MostWords = 1,
        Run = (call, host) => Task.FromResult(Decide(call, host, FindingState.Open)),
        Examples = ["codex-companion findings reopen 1a2b3c", "codex-companion findings reopen 1a2b3c --json"],
    };

    private static int RunList(CommandCall call, ToolHost host)
    {
        var opened = WorkspaceStore.Open(call, host);
        if (opened.Value is not { } store)
            return Reporter.Fail(host.Streams, opened.Error!, call.Json);
        var read = store.ReadFindings();
        if (Refusal(read, store) is { } refusal)
            return Reporter.Fail(host.Streams, refusal, call.Json);

        var shown = Sorted(read.Value?.Findings ?? [], call.Options.Has(All));
        if (call.Json)
            Reporter.TryPrint(host.Streams, JsonText.Line(new FindingsJson(store.Workspace.Root, [.. shown.Select(ReviewJsonMaker.EntryOf)]), ToolJson.Default.FindingsJson) + "\n");
        else
            Reporter.TryPrint(host.Streams, ReviewFormats.ForPeople(Text(shown, call.Options.Has(All)), host.Variables));
        return ExitCodes.Done;
    }

    // A review sets a damaged ledger aside, as it brings findings for a new one; whoever asks for one that is in it must hear of the damage. Of a
    // newer ledger doctor can only say the same.
    private static CommandError? Refusal(StateRead<FindingsLedger> read, IStateStore store) => read.Kind is StateReadKind.Ok or StateReadKind.Missing
        ? null
        : CommandError.State($"{read.Detail} It was left as it is: {store.Paths.FindingsFile}") with
        {
            Hint = read.Kind is StateReadKind.TooNew ? null : $"{CommandApplication.ToolName} doctor says what is wrong with it, and sets aside what is damaged.",
        };

    private static int Decide(CommandCall call, ToolHost host, FindingState state)
    {
        if (call.Words is not [var id] || string.IsNullOrWhiteSpace(id))
            return Reporter.Fail(host.Streams, CommandError.Usage("Which finding? Give its id.", "`findings list` shows them."), call.Json);
        var opened = WorkspaceStore.Open(call, host);
        if (opened.Value is not { } store)
            return Reporter.Fail(host.Streams, opened.Error!, call.Json);

        if (Refusal(store.ReadFindings(), store) is { } refusal)
            return Reporter.Fail(host.Streams, refusal, call.Json);

        CommandError? error = null;
        FindingRecord? decided = null;
        try
        {
            store.UpdateFindings(ledger =>
            {
                var matches = ledger.Findings.Where(record => record.Id.StartsWith(id, StringComparison.OrdinalIgnoreCase)).ToList();
                error = matches.Count switch
                {
                    0 => CommandError.NothingMatched($"There is no finding {id} in this workspace."),
                    1 => null,
                    _ => CommandError.Usage($"{id} is the begin of {matches.Count} findings: {string.Join(", ", matches.Select(m => m.Id))}."),
                };
                if (error is not null)
                    return ledger;
                decided = matches[0] with { State = state, DecidedAt = host.Time.GetUtcNow(), Reason = state == FindingState.Open ? null : call.Options.Value(Reason) };
                return ledger with { Findings = [.. ledger.Findings.Select(record => record.Id == decided.Id ? decided : record)] };
            });
        }
        catch (StateStoreException refused)
        {
            error = CommandError.State(refused);
        }

        if (error is not null)
            return Reporter.Fail(host.Streams, error, call.Json);
        Reporter.TryPrint(host.Streams, call.Json
            ? JsonText.Line(new FindingDecisionJson(ReviewJsonMaker.EntryOf(decided!)), ToolJson.Default.FindingDecisionJson) + "\n"
            : ReviewFormats.ForPeople($"{decided!.Id} is {Word(decided.State)}: {Plain.OneLine(decided.Title ?? "")} ({Finding.Shown(decided.File)}:{decided.LineStart})\n", host.Variables));
        return ExitCodes.Done;
    }

    private static List<FindingRecord> Sorted(IReadOnlyList<FindingRecord> findings, bool all) =>
    [
        .. findings.Where(record => all || record.State == FindingState.Open)
            .OrderBy(record => record.State)
            .ThenByDescending(record => FindingsSchema.TrySeverity(record.Severity, out var severity) ? severity : Severity.Low)
            .ThenBy(record => record.File, StringComparer.Ordinal)
            .ThenBy(record => record.LineStart),
    ];

    private static string Text(List<FindingRecord> shown, bool all)
    {
        if (shown.Count == 0)
            return all ? "No review of this workspace found anything.\n" : "No open findings.\n";
        var text = new StringBuilder();
        foreach (var record in shown)
        {
            var state = record.State == FindingState.Open ? "" : $" {Word(record.State)}{(record.Reason is null ? "" : $": {Plain.OneLine(record.Reason)}")}";
            text.Append($"{record.Id} [{record.Severity}] {Plain.OneLine(record.Title ?? "")} ({Finding.Shown(record.File)}:{record.LineStart}){state}\n");
        }

        return text.ToString();
    }

    private static string Word(FindingState state) => state switch
    {
        FindingState.Open => "open",
        FindingState.Fixed => "fixed",
        FindingState.Accepted => "accepted",
        _ => "wrong",
    };
}
