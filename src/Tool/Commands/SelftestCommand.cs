using System.Runtime.InteropServices;
using CodexCompanion.Pipeline;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Rendering;
using CodexCompanion.Tool.Selftest;
using CodexCompanion.Tool.Selftest.Rows;

namespace CodexCompanion.Tool.Commands;

/// <summary><c>selftest</c>: shows on this very machine that tasks survive what kills brokers and app-servers.</summary>
internal static class SelftestCommand
{
    private static readonly OptionSpec Keep = new("keep", OptionArity.Flag, "Keep the temporary folder and say where it is.");

    private static readonly OptionSpec Only = new("row", OptionArity.Repeated, "Run only this row. May be repeated.") { ValueName = "NAME", Choices = () => RowCatalog.Create().Select(row => row.Name) };

    /// <summary>The command.</summary>
    public static CommandSpec Spec { get; } = new("selftest", "Try the pipeline and the broker on a simulated Codex: no login, no tokens.")
    {
        Options = [Only, Keep],
        Run = RunAsync,
        Examples = ["codex-companion selftest", "codex-companion selftest --row broker-drops --keep", "codex-companion selftest --json"],
    };

    private static async Task<int> RunAsync(CommandCall call, ToolHost host)
    {
        var chosen = Choose(call.Options.Values(Only));
        if (chosen.Value is not { } rows)
            return Reporter.Fail(host.Streams, chosen.Error!, call.Json);
        using var signals = host.ListenForStop();
        string folder;
        try
        {
            folder = PrivateFolder.Create();
        }
        catch (IOException refused)
        {
            return Reporter.Fail(host.Streams, CommandError.State(refused.Message), call.Json);
        }

        var begun = host.Time.GetTimestamp();
        var table = call.Json ? null : new SelftestTable(host.Streams, Colour.IsWanted(host.Variables, host.Streams.OutputIsTerminal()));
        table?.Begin(ToolVersion.Text, SystemName, rows.Count, rows.Sum(row => row.Tasks));
        var runner = new SelftestRunner(OwnProgram.Running(), host.Variables, host.Time);
        var results = await runner.RunAsync(rows, folder, result => table?.Add(result), signals.Stop);

        var failed = results.Any(r => r.Status == RowStatus.Failed);
        var stays = call.Options.Has(Keep) || (failed && signals.Signal is null);
        var problem = stays ? null : PrivateFolder.Remove(folder);
        var exitCode = signals.Signal is { } number ? ExitCodes.SignalBase + number
            : failed || problem is not null ? ExitCodes.Failed
            : ExitCodes.Done;
        var end = new SelftestEnd(results, host.Time.GetElapsedTime(begun), stays || problem is not null ? folder : null, exitCode);
        table?.Finish(end, problem);
        if (call.Json)
            Reporter.TryPrint(host.Streams, SelftestJson.LineOf(ToolVersion.Text, SystemName, end) + "\n");
        return exitCode;
    }

    private static string SystemName =>
        $"{RuntimeInformation.OSDescription} {RuntimeInformation.OSArchitecture}, {RuntimeInformation.FrameworkDescription}, {Environment.ProcessorCount} processors";

    private static Attempt<IReadOnlyList<Row>> Choose(IReadOnlyList<string> names)
    {
        var all = RowCatalog.Create();
        var known = all.Select(row => row.Name).ToList();
        if (names.FirstOrDefault(name => !known.Contains(name, StringComparer.Ordinal)) is { } unknown)
        {
            var meant = Suggestion.For(unknown, known) is { } near ? $" Did you mean {near}?" : "";
            return CommandError.Usage($"There is no row named \"{unknown}\".{meant}", $"The rows are {string.Join(", ", known)}.");
        }

        return new Attempt<IReadOnlyList<Row>>(names.Count == 0 ? all : [.. all.Where(row => names.Contains(row.Name, StringComparer.Ordinal))], Error: null);
    }
}
