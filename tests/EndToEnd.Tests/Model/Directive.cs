using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace CodexCompanion.EndToEnd.Tests.Model;

/// <summary>
/// One instruction to the stub, written on a line of its own in the prompt: <c>stub: WORD ARGUMENT</c>. Those that change how a request is
/// answered (delay, hold, deltas, cut, status, failed) belong to the next action or, when none follows, to the final reply.
/// </summary>
internal abstract partial record Directive
{
    /// <summary>Wait before anything is answered.</summary>
    public sealed record Delay(TimeSpan Time) : Directive;

    /// <summary>Wait until the test lets go of this name (see <see cref="ModelStub.LetGo"/>): a turn that is surely in its middle.</summary>
    public sealed record Hold(string Name) : Directive;

    /// <summary>Send the reply in this many pieces.</summary>
    public sealed record Deltas(int Count) : Directive;

    /// <summary>End the connection in the middle of the stream.</summary>
    public sealed record Cut : Directive;

    /// <summary>Answer with an HTTP status; 429 is a used-up limit unless a body of one's own is given.</summary>
    public sealed record Status(int Code, string? Body) : Directive;

    /// <summary>Answer with a stream that ends in <c>response.failed</c> with this error code.</summary>
    public sealed record Failed(string Code) : Directive;

    /// <summary>Call the shell tool with this command line.</summary>
    public sealed record Shell(string Command) : Directive;

    /// <summary>Append a line to a file through the shell tool: done twice it leaves two lines, so that a repeated edit is seen.</summary>
    public sealed record Edit(string Path, string Line) : Directive;

    /// <summary>Add a file through apply_patch, which codex reports as a file change.</summary>
    public sealed record Patch(string Path, string Line) : Directive;

    /// <summary>The final message.</summary>
    public sealed record Reply(string Text) : Directive;

    /// <summary>The directives of a prompt, in their order. A mistyped one throws: a test must not pass because it was ignored.</summary>
    public static IReadOnlyList<Directive> Parse(string prompt) =>
        [.. prompt.Split('\n').Select(line => DirectiveLine().Match(line)).Where(match => match.Success).Select(match => Read(match.Groups["word"].Value, match.Groups["rest"].Value.Trim()))];

    private static Directive Read(string word, string rest) => word switch
    {
        "delay" => new Delay(TimeSpan.FromMilliseconds(int.Parse(rest.EndsWith("ms", StringComparison.Ordinal) ? rest[..^2] : rest, CultureInfo.InvariantCulture))),
        "hold" => new Hold(rest),
        "deltas" => new Deltas(int.Parse(rest, CultureInfo.InvariantCulture)),
        "cut" => new Cut(),
        "status" => StatusOf(rest),
        "failed" => new Failed(rest),
        "shell" => new Shell(Unquote(rest)),
        "edit" => EditOf(rest, (path, line) => new Edit(path, line)),
        "patch" => EditOf(rest, (path, line) => new Patch(path, line)),
        "reply" => new Reply(Unquote(rest)),
        "structured" => new Reply(rest),
        _ => throw new FormatException($"unknown directive 'stub: {word}'"),
    };

    private static Status StatusOf(string rest)
    {
        var parts = rest.Split(' ', 2);
        return new Status(int.Parse(parts[0], CultureInfo.InvariantCulture), parts.Length > 1 ? parts[1] : null);
    }

    private static Directive EditOf(string rest, Func<string, string, Directive> make)
    {
        var parts = rest.Split(' ', 2);
        return parts.Length == 2 ? make(parts[0], parts[1]) : throw new FormatException($"an edit needs a path and a line: '{rest}'");
    }

    private static string Unquote(string text) =>
        text is ['"', .., '"'] ? JsonSerializer.Deserialize<string>(text)! : text;

    [GeneratedRegex(@"^stub: (?<word>[a-z]+)(?<rest>.*)$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex DirectiveLine();
}
