using System.Text.Json;
using CodexCompanion.Pipeline.Turns;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Configuration;

namespace CodexCompanion.Tool.Commands;

/// <summary>The options of a <c>task</c> call, checked against each other and typed.</summary>
internal sealed record TaskArguments
{
    /// <summary>Sandbox asked for; null when the call does not say.</summary>
    public SandboxMode? Sandbox { get; init; }

    /// <summary>Whether to continue the newest finished task's thread.</summary>
    public bool Resume { get; init; }

    /// <summary>Thread to continue; null for none.</summary>
    public string? ThreadId { get; init; }

    /// <summary>Wall-clock limit; null when the call does not say.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>Stall limit; null when the call does not say.</summary>
    public TimeSpan? StallLimit { get; init; }

    /// <summary>Whether the task waits until nobody else writes in the tree.</summary>
    public bool Exclusive { get; init; }

    /// <summary>After which time a run that is still going on is left to its worker; null when the call does not say.</summary>
    public TimeSpan? HandOver { get; init; }

    /// <summary>Codex configuration, in the order given.</summary>
    public IReadOnlyList<KeyValuePair<string, JsonElement>> Config { get; init; } = [];

    /// <summary>Checks and types the options.</summary>
    public static Attempt<TaskArguments> Read(GivenOptions options)
    {
        foreach (var named in new[] { TaskOptions.Model, TaskOptions.Effort, TaskOptions.Thread, TaskOptions.PromptFile, TaskOptions.ContextFile })
        {
            if (options.Has(named) && string.IsNullOrWhiteSpace(options.Value(named)))
                return CommandError.Usage($"{named.Display} needs a value ({named.ValueName}).");
        }

        var resume = options.Has(TaskOptions.Resume) || options.Has(TaskOptions.ResumeLast);
        var thread = options.Value(TaskOptions.Thread);
        if (options.Has(TaskOptions.Fresh) && (resume || thread is not null))
            return CommandError.Usage($"--fresh and {(resume ? "--resume" : "--thread")} exclude each other.");
        if (resume && thread is not null)
            return CommandError.Usage("--resume and --thread exclude each other.");

        if (!TrySandbox(options, out var sandbox, out var sandboxError))
            return sandboxError!;
        if (!TryTime(options, TaskOptions.TimeLimit, out var time, out var error)
            || !TryTime(options, TaskOptions.StallLimit, out var stall, out error)
            || !TryTime(options, TaskOptions.HandOver, out var handOver, out error))
        {
            return error!;
        }

        if (handOver is not null && options.Has(TaskOptions.Background))
            return CommandError.Usage("--background and --hand-over exclude each other: the one prints the job's id at once, the other after a time.");

        var config = new List<KeyValuePair<string, JsonElement>>();
        foreach (var pair in options.Values(TaskOptions.Config))
        {
            var parts = pair.Split('=', 2);
            if (parts.Length < 2 || string.IsNullOrWhiteSpace(parts[0]))
                return CommandError.Usage($"-c needs KEY=VALUE, and got '{pair}'.");
            if (parts[0].Trim() is "profile")
                return CommandError.Usage(TaskOptions.NoProfile);
            config.Add(new(parts[0].Trim(), TomlValue.Read(parts[1])));
        }

        return new TaskArguments
        {
            Sandbox = sandbox,
            Resume = resume,
            ThreadId = thread,
            TimeLimit = time,
            StallLimit = stall,
            Exclusive = options.Has(TaskOptions.Exclusive),
            HandOver = handOver,
            Config = config,
        };
    }

    private static bool TrySandbox(GivenOptions options, out SandboxMode? sandbox, out CommandError? error)
    {
        error = null;
        sandbox = options.Has(TaskOptions.Write) ? SandboxMode.WorkspaceWrite : null;
        if (options.Value(TaskOptions.Sandbox) is not { } word)
            return true;
        if (!ConfigWords.TrySandbox(word, out var mode))
            error = CommandError.Usage($"Unknown sandbox mode '{word}'; use {ConfigWords.Sandboxes}.");
        else if (sandbox is not null && mode == SandboxMode.ReadOnly)
            error = CommandError.Usage("--write and --sandbox read-only exclude each other.");
        sandbox = mode;
        return error is null;
    }

    private static bool TryTime(GivenOptions options, OptionSpec option, out TimeSpan? span, out CommandError? error)
    {
        (span, error) = (null, null);
        if (options.Value(option) is not { } text)
            return true;
        if (Duration.TryParse(text, out var parsed))
            span = parsed;
        else
            error = CommandError.Usage($"{option.Display} needs {Duration.Expected}, and got '{text}'.");
        return error is null;
    }
}
