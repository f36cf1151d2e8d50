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
        if (answer.Login is not { } login)
            return Inspection.Skipped("codex does not run");
        if (!login.Available)
            return Missing("unknown", $"codex does not tell who is logged in: {login.Detail}", Remedy.Manual("ask it", "codex login status"), Severity.Warning);
        if (login.LoggedIn)
        {
            return Inspection.Ok(login.AuthMethod switch
            {
                null => "the configured provider needs no login",
                "chatgpt" => "logged in with ChatGPT",
                "apiKey" => "an API key is configured (not tried)",
                var other => $"logged in ({other})",
            });
        }

        return login.MissingKey is { } key
            ? Missing("key-missing", $"the configured provider takes its key from the environment variable {key}, which is not set", Remedy.Manual("set it", login.Remedy!), Severity.Problem)
            : Missing("logged-out", "codex is not logged in", Remedy.Manual("log in", "codex login"), Severity.Problem);
    }

    private static Inspection Missing(string code, string sentence, Remedy remedy, Severity severity) =>
        Inspection.Of("", [new Finding(code, "codex", sentence, remedy) { Severity = severity }], _ => "");
}
