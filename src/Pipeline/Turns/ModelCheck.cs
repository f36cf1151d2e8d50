using System.Text.Json;
using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Rpc;

namespace CodexCompanion.Pipeline.Turns;

/// <summary>What came of checking model and effort.</summary>
/// <param name="Remarks">Sentences for the user.</param>
/// <param name="Refusal">Why the turn cannot run; null when it can.</param>
internal sealed record ModelVerdict(IReadOnlyList<string> Remarks, Outcome.Failed? Refusal)
{
    /// <summary>Nothing to say.</summary>
    public static ModelVerdict Fine { get; } = new([], Refusal: null);
}

/// <summary>
/// Checks model and effort that the caller named against the server's own list, before anything runs: 1 to 2 ms, against half a minute until the
/// model's API refuses. A model that is not listed is only remarked on: a provider of the user's own serves what it likes.
/// </summary>
internal sealed class ModelCheck(IAppServerSession session, TimeLimits limits)
{
    // The list has a dozen models on one page; a server that always names another page must not keep us.
    private const int MostPages = 10;

    // Enough to see how they are called.
    private const int MostNames = 8;

    /// <summary>Checks.</summary>
    /// <param name="request">The request.</param>
    /// <param name="configured">The model of the resolved configuration; null when it names none.</param>
    public async Task<ModelVerdict> CheckAsync(TurnRequest request, string? configured)
    {
        // -c names them as well as the options do; the built-in reviewer has a model setting of its own.
        var named = request.Model ?? (request.Review is null ? null : Overridden(request, "review_model")) ?? Overridden(request, "model");
        var wanted = request.Effort ?? Overridden(request, "model_reasoning_effort");
        if (named is null && wanted is null)
            return ModelVerdict.Fine;
        var models = await ListAsync();
        var name = named ?? configured;
        var model = models.FirstOrDefault(m => name is null ? m.IsTrue("isDefault") : m.Text("model") == name || m.Text("id") == name);
        if (model.ValueKind == JsonValueKind.Undefined)
            return new ModelVerdict([.. Unlisted(named, models), .. UnknownEffort(wanted, models)], Refusal: null);

        var efforts = EffortsOf(model).ToList();
        return wanted is null || efforts.Count == 0 || efforts.Contains(wanted, StringComparer.Ordinal)
            ? ModelVerdict.Fine
            : new ModelVerdict(
                [],
                new Outcome.Failed(FailureKind.Refused, $"The model {model.Text("model")} does not take the effort '{wanted}'; it takes {string.Join(", ", efforts)}."));
    }

    private static string? Overridden(TurnRequest request, string key) =>
        request.Config.TryGetValue(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static IEnumerable<string> EffortsOf(JsonElement model) =>
        model.Items("supportedReasoningEfforts").Select(effort => effort.Text("reasoningEffort")).OfType<string>();

    private async Task<IReadOnlyList<JsonElement>> ListAsync()
    {
        var models = new List<JsonElement>();
        string? cursor = null;
        try
        {
            for (var page = 0; page < MostPages; page++)
            {
                var answer = await session.CallAsync(AppServerMethods.ModelList, AppServerCalls.ModelList(cursor), limits.InterruptConfirmed);
                models.AddRange(answer.Items("data"));
                if ((cursor = answer.Text("nextCursor")) is null)
                    break;
            }
        }
        catch (Exception e) when (e is RpcErrorException or RpcTimeoutException)
        {
            // The list is a help and no condition; the model's API has the last word.
        }

        return models;
    }

    private static IEnumerable<string> Unlisted(string? name, IReadOnlyList<JsonElement> models)
    {
        var names = models.Where(m => !m.IsTrue("hidden")).Select(m => m.Text("model")).OfType<string>().ToList();
        if (name is null || names.Count == 0)
            yield break;
        var shown = string.Join(", ", names.Take(MostNames)) + (names.Count > MostNames ? "…" : "");
        var meant = Suggestion.For(name, names);
        yield return $"Codex does not list a model '{name}'{(meant is null ? "" : $" (did you mean '{meant}'?)")}; it lists {shown}.";
    }

    // What a model that is not listed takes nobody knows; a word that no model takes is a slip.
    private static IEnumerable<string> UnknownEffort(string? wanted, IReadOnlyList<JsonElement> models)
    {
        var efforts = models.SelectMany(EffortsOf).Distinct(StringComparer.Ordinal).ToList();
        if (wanted is not null && efforts.Count > 0 && !efforts.Contains(wanted, StringComparer.Ordinal))
            yield return $"No model that Codex lists takes the effort '{wanted}'; they take {string.Join(", ", efforts)}.";
    }
}
