using System.Text;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Setup;

/// <summary>The findings of setup for people.</summary>
internal static class SetupText
{
    /// <summary>The text; it ends with the next step.</summary>
    public static string Of(SetupJson setup, DateTimeOffset now)
    {
        var text = new StringBuilder("# Codex Setup\n\n");
        text.Append($"Status: {(setup.Ready ? "ready" : "not ready")}\n\n");
        Row("codex", setup.Codex.Available, setup.Codex.Detail);
        if (setup.Codex.NativePath is { } native && native != setup.Codex.Path)
            text.Append($"          runs as {native}\n");
        Row("login", setup.Auth.LoggedIn, setup.Auth.Detail);
        Row("git", setup.Git.Available, setup.Git.Detail);
        Row("sandbox", setup.Sandbox.Available, setup.Sandbox.Detail);
        Row("tool", ok: true, $"{setup.Tool.Detail} at {setup.Tool.Path}");
        Row("runtime", ok: true, $"{setup.SessionRuntime.Label}{(setup.SessionRuntime.Endpoint is null ? "" : $" at {setup.SessionRuntime.Endpoint}")}");
        Row("gate", ok: true, $"review gate {(setup.ReviewGateEnabled ? "enabled" : "disabled")}");
        if (setup.Codex.Available)
            AppendQuota(text, setup.Quota, now);
        if (setup.ActionsTaken.Count > 0)
            text.Append("\nActions taken:\n").Append(string.Concat(setup.ActionsTaken.Select(action => $"- {action}\n")));
        if (setup.NextSteps.Count > 0)
            text.Append($"\nNext: {setup.NextSteps[0]}\n");
        return text.ToString();

        void Row(string name, bool? ok, string detail) =>
            text.Append($"{(ok switch { true => "ok", false => "!!", _ => "??" })}  {name,-8}{Plain.OneLine(detail)}\n");
    }

    /// <summary>The windows, a line each.</summary>
    public static void AppendQuota(StringBuilder text, QuotaJson quota, DateTimeOffset now)
    {
        text.Append($"\nQuota{(quota.Plan is null ? "" : $" (plan {quota.Plan})")}:\n");
        foreach (var window in quota.Windows)
            text.Append($"- {window.Line(now)}\n");
        if (quota.Windows.Count == 0)
            text.Append($"- not known: {Plain.OneLine(quota.Problem ?? "")}\n");
    }
}
