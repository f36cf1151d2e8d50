using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CodexCompanion.Tool.Selftest.Simulator.Turns;

/// <summary>Finds the directives in a prompt.</summary>
internal static class DirectiveParser
{
    private const string Prefix = "sim:";

    /// <summary>The directives of a prompt, in its order.</summary>
    public static IReadOnlyList<Directive> Parse(string prompt) =>
    [
        .. prompt.Split('\n').Select(line => line.Trim())
            .Where(line => line.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(line => ParseOne(line[Prefix.Length..].Trim())),
    ];

    /// <summary>One directive, without its prefix.</summary>
    public static Directive ParseOne(string line)
    {
        var end = line.IndexOf(' ', StringComparison.Ordinal);
        var (name, rest) = end < 0 ? (line, "") : (line[..end], line[(end + 1)..].Trim());
        return Make(name, rest) ?? new Directive.Unknown(line);
    }

    private static Directive? Make(string name, string rest) => name switch
    {
        "reply" => new Directive.Reply(Unquote(rest)),
        "reply-size" => Number(rest) is { } size ? new Directive.ReplySize(size) : null,
        "edit" => Edit(rest),
        "think" => Duration(rest) is { } time ? new Directive.Think(time) : null,
        "deltas" => Number(rest) is { } count and > 0 ? new Directive.Deltas(count) : null,
        "run" => rest.Length > 0 ? new Directive.Run(rest) : null,
        "ask-approval" => new Directive.AskApproval(rest.Length > 0 ? rest : "true"),
        "elicit" => new Directive.Elicit(),
        "subagent" => Subagent(rest),
        "reasoning" => new Directive.Reasoning(Unquote(rest)),
        "fail" => new Directive.Fail(rest),
        "retry-error" => new Directive.RetryError(),
        "no-completed" => new Directive.NoCompleted(),
        "ignore-interrupt" => new Directive.IgnoreInterrupt(),
        _ => null,
    };

    private static Directive.Edit? Edit(string rest) =>
        rest.Split(' ', 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [var effect, var path]
            ? new Directive.Edit(effect, path)
            : null;

    private static Directive.Subagent? Subagent(string rest)
    {
        var parts = rest.Split(' ', 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var when = parts.Length > 0 ? parts[0] : "before";
        return when is "before" or "after"
            ? new Directive.Subagent(when is "after", parts.Length > 1 ? Unquote(parts[1]) : "Subagent here.")
            : null;
    }

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static TimeSpan? Duration(string text)
    {
        var unit = text.EndsWith("ms", StringComparison.Ordinal) ? 2 : text.EndsWith('s') ? 1 : 0;
        return Number(text[..^unit]) is { } number ? TimeSpan.FromMilliseconds(unit == 1 ? number * 1000L : number) : null;
    }

    private static string Unquote(string text)
    {
        if (!text.StartsWith('"'))
            return text;
        try
        {
            return JsonNode.Parse(text)?.GetValue<string>() ?? text;
        }
        catch (JsonException)
        {
            // Not quoted as in JSON: then it is meant as it stands.
            return text;
        }
    }
}
