using System.Globalization;
using System.Text.Json;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Rpc;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Setup;

/// <summary>One window of the account's limits.</summary>
/// <param name="Limit">The limit it belongs to (<c>codex</c>).</param>
/// <param name="Name">primary or secondary.</param>
/// <param name="UsedPercent">How much of it is used.</param>
/// <param name="WindowMinutes">Its length; null when the server does not say.</param>
/// <param name="ResetsAt">When it begins anew; null when the server does not say.</param>
internal sealed record QuotaWindow(string Limit, string Name, double UsedPercent, int? WindowMinutes, DateTimeOffset? ResetsAt)
{
    /// <summary>Its length in words: 5h, 7d.</summary>
    public string Length => WindowMinutes switch
    {
        null => Name,
        >= 1440 and var minutes when minutes % 1440 == 0 => $"{minutes / 1440}d",
        >= 60 and var minutes when minutes % 60 == 0 => $"{minutes / 60}h",
        var minutes => $"{minutes}m",
    };

    /// <summary>In one line.</summary>
    public string Line(DateTimeOffset now)
    {
        var reset = ResetsAt is { } at
            ? string.Create(CultureInfo.InvariantCulture, $", resets {at.UtcDateTime:yyyy-MM-dd HH:mm} UTC{(at > now ? $" (in {SpinnerView.Elapsed(at - now)})" : "")}")
            : "";
        return string.Create(CultureInfo.InvariantCulture, $"{Limit} {Length}: {UsedPercent:0.#}% used{reset}");
    }
}

/// <summary>The account's limits, or why they are not known.</summary>
/// <param name="Windows">The windows.</param>
/// <param name="Plan">The plan; null when unknown.</param>
/// <param name="Problem">Why there are none; null when there are.</param>
internal sealed record Quota(IReadOnlyList<QuotaWindow> Windows, string? Plan, string? Problem)
{
    /// <summary>Asks.</summary>
    public static async Task<Quota> AskAsync(IAppServerSession session, TimeSpan limit)
    {
        try
        {
            return Of(await session.CallAsync(AppServerMethods.RateLimitsRead, RpcJson.EmptyObject, limit));
        }
        catch (Exception e) when (e is RpcErrorException or RpcTimeoutException or ConnectionLostException)
        {
            return new Quota([], Plan: null, e.Message);
        }
    }

    /// <summary>Reads the answer. Newer servers tell several limits, each by its id; older ones only the one.</summary>
    internal static Quota Of(JsonElement answer)
    {
        var first = answer.Member("rateLimits");
        var all = answer.Member("rateLimitsByLimitId") is { ValueKind: JsonValueKind.Object } byId
            ? byId.EnumerateObject().Select(limit => (limit.Name, limit.Value)).ToList()
            : [(first.Text("limitId") ?? "codex", first)];
        var windows = all.SelectMany(limit => WindowsOf(limit.Item1, limit.Item2)).ToList();
        return new Quota(windows, first.Text("planType"), windows.Count == 0 ? "The server tells of no limits." : null);
    }

    private static IEnumerable<QuotaWindow> WindowsOf(string limit, JsonElement limits)
    {
        foreach (var name in (string[])["primary", "secondary"])
        {
            var window = limits.Member(name);
            if (window.Member("usedPercent") is not { ValueKind: JsonValueKind.Number } used)
                continue;
            var resets = window.Member("resetsAt") is { ValueKind: JsonValueKind.Number } at && at.TryGetInt64(out var seconds) && seconds is > 0 and < 253402300799
                ? DateTimeOffset.FromUnixTimeSeconds(seconds)
                : (DateTimeOffset?)null;
            yield return new QuotaWindow(limit, name, used.GetDouble(), window.Number("windowDurationMins"), resets);
        }
    }
}
