using System.Globalization;
using System.Text;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Configuration;
using CodexCompanion.Tool.Doctor;
using CodexCompanion.Tool.Rendering;
using CodexCompanion.Tool.Setup;

namespace CodexCompanion.Tool.Commands;

/// <summary><c>usage</c>: how much of the account's limits is used, and what the jobs of this workspace used.</summary>
internal static class UsageCommand
{
    /// <summary>The command.</summary>
    public static CommandSpec Spec { get; } = new("usage", "Show the account's limits, and the tokens that jobs of this workspace used.")
    {
        Run = RunAsync,
        Examples = ["codex-companion usage", "codex-companion usage --json --cwd ../other"],
    };

    private static async Task<int> RunAsync(CommandCall call, ToolHost host)
    {
        var opened = WorkspaceStore.Open(call, host);
        if (opened.Value is not { } store)
            return Reporter.Fail(host.Streams, opened.Error!, call.Json);
        var loaded = SettingsLoader.Load(store.Workspace.Root, host.Variables);
        if (loaded.Value is not { } settings)
            return Reporter.Fail(host.Streams, loaded.Error!, call.Json);

        var (reading, failure) = await ReadingSession.OpenAsync(host, store, settings, WorkingDirectory.Of(call, host).Value!);
        var quota = new Quota([], Plan: null, failure?.Message);
        if (reading is not null)
        {
            await using (reading)
                quota = await Quota.AskAsync(reading.Session, settings.Limits.InterruptConfirmed);
        }

        var usage = Shape(store.Workspace.Root, quota, WorkspaceUsage.Of(store));
        Reporter.TryPrint(host.Streams, call.Json ? JsonText.Line(usage, ToolJson.Default.UsageJson) + "\n" : Text(usage, host.Time.GetUtcNow()));
        return ExitCodes.Done;
    }

    private static UsageJson Shape(
        string root, Quota quota, (int Jobs, IReadOnlyList<(string Model, WorkspaceUsage.Tokens Used)> Each, DateTimeOffset? Since) used)
    {
        var models = used.Each.GroupBy(job => job.Model, StringComparer.Ordinal).Select(group => new ModelUsageJson(
            group.Key,
            group.Count(),
            group.Sum(job => job.Used.Input),
            group.Sum(job => job.Used.Cached),
            group.Sum(job => job.Used.Output),
            group.Sum(job => job.Used.Reasoning),
            group.Sum(job => job.Used.Total))).OrderByDescending(model => model.TotalTokens).ToList();
        return new UsageJson(
            root, new QuotaJson(quota.Plan, quota.Windows, quota.Problem), used.Jobs, used.Each.Count, models.Sum(model => model.TotalTokens), models, used.Since);
    }

    private static string Text(UsageJson usage, DateTimeOffset now)
    {
        var text = new StringBuilder("# Codex Usage\n");
        SetupText.AppendQuota(text, usage.Quota, now);
        text.Append(CultureInfo.InvariantCulture, $"\nThis workspace: {usage.TotalTokens:N0} tokens in {usage.JobsWithUsage} of {usage.Jobs} recorded jobs\n");
        foreach (var model in usage.Models)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"- {model.Model}: {model.TotalTokens:N0} ({model.InputTokens:N0} in, {model.CachedInputTokens:N0} of them cached; {model.OutputTokens:N0} out, {model.ReasoningOutputTokens:N0} of them reasoning) in {Words.Count(model.Jobs, "job")}\n");
        }

        return text.ToString();
    }
}
