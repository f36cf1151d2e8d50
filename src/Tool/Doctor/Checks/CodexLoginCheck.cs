using System.Text.Json;

namespace CodexCompanion.Tool.Doctor.Checks;

/// <summary>Whether codex is logged in, or has a provider that needs no login. Whose account it is, is nobody's business here.</summary>
internal sealed class CodexLoginCheck(CodexProbe probe) : IDoctorCheck
{
    /// <inheritdoc/>
    public string Id => "codex-login";

    /// <inheritdoc/>
    public CheckCategory Category => CheckCategory.Codex;

    /// <inheritdoc/>
    public CheckScope Scope => CheckScope.User;

    /// <inheritdoc/>
    public string About => "codex is logged in, or needs no login";

    /// <inheritdoc/>
    public bool StartsPrograms => true;

    /// <inheritdoc/>
    public async Task<Inspection> InspectAsync(DoctorPlace place, CancellationToken cancellation)
    {
        var answer = await probe.AskAsync(place, cancellation);
        if (answer.Codex is null || answer.UserAgent is null)
            return Inspection.Skipped("codex does not run");
        if (answer.Account is not { ValueKind: JsonValueKind.Object } account)
        {
            return Inspection.Of("", [new Finding("unknown", "codex", $"codex does not tell who is logged in: {answer.AccountProblem ?? "it answered with nothing"}", Remedy.Manual("ask it", "codex login status"))
            {
                Severity = Severity.Warning,
            }], _ => "");
        }

        var type = account.TryGetProperty("account", out var who) && who.ValueKind == JsonValueKind.Object && who.TryGetProperty("type", out var kind) ? kind.ToString() : null;
        if (type is not null)
            return Inspection.Ok(type switch { "chatgpt" => "logged in with ChatGPT", "apiKey" => "an API key is configured (not tried)", _ => $"logged in ({type})" });
        var isNeeded = !account.TryGetProperty("requiresOpenaiAuth", out var required) || required.ValueKind != JsonValueKind.False;
        return isNeeded
            ? Inspection.Of("", [new Finding("logged-out", "codex", "codex is not logged in", Remedy.Manual("log in", "codex login"))], _ => "")
            : Inspection.Ok("the configured provider needs no login");
    }
}
