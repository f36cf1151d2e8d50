using System.Text;
using System.Text.Json;
using CodexCompanion.Pipeline;
using CodexCompanion.StateStore;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Configuration;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Commands;

/// <summary><c>config</c>: which settings are in force, and who says so.</summary>
internal static class ConfigCommand
{
    private static readonly OptionSpec WithOrigin = new("origin", OptionArity.Flag, "Show where each value comes from: file and line, or variable.");

    /// <summary>The command and those below it.</summary>
    public static CommandSpec Spec { get; } = new("config", "Show the settings that are in force.")
    {
        Subcommands =
        [
            new("show", "Show all settings, or one, with where they come from.")
            {
                Options = [WithOrigin],
                WordName = "key",
                WordDescription = "Only this setting, or the settings below it (limits).",
                MostWords = 1,
                Run = ShowAsync,
                Examples = ["codex-companion config show --origin", "codex-companion config show limits", "codex-companion config show model --json"],
            },
        ],
        Examples = ["codex-companion config show", "codex-companion config show --origin"],
    };

    private static Task<int> ShowAsync(CommandCall call, ToolHost host)
    {
        var directory = WorkingDirectory.Of(call, host);
        if (directory.Value is not { } cwd)
            return Task.FromResult(Reporter.Fail(host.Streams, directory.Error!, call.Json));
        var root = Workspace.Resolve(cwd).Root;
        var view = ConfigView.Of(root, host.Variables);
        if (view.Value is not { } all)
            return Task.FromResult(Reporter.Fail(host.Streams, view.Error!, call.Json));

        var key = call.Words.Count == 0 ? null : call.Words[0];
        var rows = all.Where(row => key is null || row.Key == key || row.Key.StartsWith(key + ".", StringComparison.Ordinal)).ToList();
        if (rows.Count == 0)
        {
            // A section may be empty; a name that is none is a slip.
            if (!SettingKeys.IsKnown(key!))
                return Task.FromResult(Reporter.Fail(host.Streams, Unknown(key!, all), call.Json));
        }

        var files = SettingsLoader.Files(root, host.Variables)
            .Select(file => new ConfigFileJson(WordOf(file.Origin), file.Path, File.Exists(file.Path)))
            .ToList();
        Reporter.TryPrint(host.Streams, call.Json ? Json(root, files, rows) : Text(files, rows, call.Options.Has(WithOrigin)));
        return Task.FromResult(ExitCodes.Done);
    }

    private static CommandError Unknown(string key, IReadOnlyList<ConfigRow> all)
    {
        var meant = Suggestion.For(key, all.Select(row => row.Key).Concat(SettingKeys.Sections));
        return CommandError.Usage($"There is no setting '{key}'.", meant is null ? null : $"Did you mean '{meant}'?");
    }

    private static string Json(string root, IReadOnlyList<ConfigFileJson> files, IReadOnlyList<ConfigRow> rows) =>
        JsonText.Line(
            new ConfigJson(root, files, [.. rows.Select(row => new ConfigSettingJson(row.Key, row.Value, WordOf(row.Origin), row.Place, row.Variable))]),
            ToolJson.Default.ConfigJson) + "\n";

    private static string Text(IReadOnlyList<ConfigFileJson> files, IReadOnlyList<ConfigRow> rows, bool origin)
    {
        var text = new StringBuilder();
        var keys = rows.Count == 0 ? 0 : rows.Max(row => row.Key.Length);
        var values = rows.Count == 0 ? 0 : rows.Max(row => Shown(row).Length);
        foreach (var row in rows)
        {
            var line = $"{row.Key.PadRight(keys)}  {Shown(row).PadRight(origin ? values : 0)}";
            text.Append(origin ? $"{line}  {WordOf(row.Origin)}{(row.Place is null ? "" : " " + row.Place)}" : line.TrimEnd()).Append('\n');
        }

        if (!origin)
            return text.ToString();
        text.Append('\n');
        foreach (var file in files)
            text.Append($"{file.Layer} file: {Plain.OneLine(file.Path)}{(file.Exists ? "" : " (not there)")}\n");
        return text.ToString();
    }

    private static string Shown(ConfigRow row) => Plain.OneLine(row.Value switch
    {
        null => "-",
        { ValueKind: JsonValueKind.String } value => value.GetString()!,
        { } value => value.GetRawText(),
    });

    private static string WordOf(Origin origin) => origin.ToString().ToLowerInvariant();
}
