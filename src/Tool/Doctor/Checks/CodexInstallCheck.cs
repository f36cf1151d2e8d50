using CodexCompanion.Pipeline.AppServer;
using CodexCompanion.Pipeline.Turns;
using CodexCompanion.Tool.CommandLine;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Doctor.Checks;

/// <summary>Whether there is a codex, new enough, whose app-server answers.</summary>
internal sealed class CodexInstallCheck(CodexProbe probe) : IDoctorCheck
{
    /// <inheritdoc/>
    public string Id => "codex-install";

    /// <inheritdoc/>
    public CheckCategory Category => CheckCategory.Codex;

    /// <inheritdoc/>
    public CheckScope Scope => CheckScope.User;

    /// <inheritdoc/>
    public string About => "codex is there, new enough, and its app-server answers";

    /// <inheritdoc/>
    public bool StartsPrograms => true;

    /// <inheritdoc/>
    public async Task<Inspection> InspectAsync(DoctorPlace place, CancellationToken cancellation)
    {
        var answer = await probe.AskAsync(place, cancellation);
        if (answer.Codex is not { } codex)
            return One(new Finding("missing", "codex", answer.Missing!.Sentence.TrimEnd('.'), RemedyFor(answer.Missing)));
        if (answer.WasSilent)
        {
            return One(new Finding("silent", codex.GivenPath, $"{codex.GivenPath} did not answer within {CodexProbe.Limit.TotalSeconds:0} s", Remedy.Manual("see whether it starts", $"{ShellWord.Of(codex.GivenPath)} --version"))
            {
                Severity = Severity.Warning,
            });
        }

        if (answer.Failure is { } failure)
        {
            var command = failure.Kind == FailureKind.CodexTooOld ? codex.UpdateCommand : $"{ShellWord.Of(codex.GivenPath)} --version";
            return One(new Finding("broken", codex.GivenPath, failure.Message.TrimEnd('.'), Remedy.Manual(failure.Kind == FailureKind.CodexTooOld ? "bring it up to date" : "see whether it starts", command)));
        }

        var version = AppServerVersion.Read(answer.UserAgent!)?.ToString() ?? "of an unknown version";
        return Inspection.Ok($"codex {version}, its app-server answers", codex.GivenPath, codex.Path, answer.UserAgent!);
    }

    private static Remedy RemedyFor(CodexLookup.Missing missing) => missing.NamedBy switch
    {
        null => Remedy.Manual("install it", "npm install -g @openai/codex"),
        CodexLocator.Variable => Remedy.Manual("correct it, or use the codex on PATH", $"unset {CodexLocator.Variable}"),
        var setting => Remedy.Manual($"correct {setting}, or remove it", $"{CommandApplication.ToolName} config show --origin"),
    };

    private static Inspection One(Finding finding) => Inspection.Of("", [finding], _ => "");
}
