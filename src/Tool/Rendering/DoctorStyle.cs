using CodexCompanion.Tool.Doctor;

namespace CodexCompanion.Tool.Rendering;

/// <summary>How a report may look: with marks, colour and folded lines on a terminal, as plain lines everywhere else.</summary>
/// <param name="HasColour">Whether there is colour; without it the marks are letters.</param>
/// <param name="Width">Columns to fold at; null to fold nothing.</param>
internal sealed record DoctorStyle(bool HasColour, int? Width)
{
    private const char Escape = '\u001b';

    /// <summary>What suits where stdout goes.</summary>
    public static DoctorStyle For(StandardStreams streams, IReadOnlyDictionary<string, string> variables)
    {
        var isTerminal = streams.OutputIsTerminal();
        return new DoctorStyle(Colour.IsWanted(variables, isTerminal), isTerminal ? streams.OutputWidth() : null);
    }

    /// <summary>The mark of a status, two columns wide. The sign differs too, for those who cannot tell colours apart.</summary>
    public string Mark(CheckStatus status) => (HasColour, status) switch
    {
        (true, CheckStatus.Ok) => Good("✓ "),
        (true, CheckStatus.Repaired) => Warn("✓ "),
        (true, CheckStatus.Warning) => Warn("! "),
        (true, CheckStatus.Skipped) => Dim("- "),
        (true, _) => Bad("✗ "),
        (_, CheckStatus.Ok) => "ok",
        (_, CheckStatus.Warning) => "! ",
        (_, CheckStatus.Skipped) => "--",
        (_, CheckStatus.Crashed) => "XX",
        _ => "!!",
    };

    /// <summary>What went well.</summary>
    public string Good(string text) => Coloured(text, "32");

    /// <summary>What did not.</summary>
    public string Bad(string text) => Coloured(text, "31");

    /// <summary>What wants a look.</summary>
    public string Warn(string text) => Coloured(text, "33");

    /// <summary>What matters less.</summary>
    public string Dim(string text) => Coloured(text, "2");

    /// <summary>What the eye should find.</summary>
    public string Bold(string text) => Coloured(text, "1");

    /// <summary>How many columns a text takes, colours left out.</summary>
    public static int Visible(string text)
    {
        var columns = Plain.Columns(text);
        for (var i = text.IndexOf(Escape, StringComparison.Ordinal); i >= 0; i = text.IndexOf(Escape, i + 1))
            columns -= text.IndexOf('m', i) is > 0 and var end ? end + 1 - i : 1;
        return columns;
    }

    private string Coloured(string text, string code) => HasColour ? $"{Escape}[{code}m{text}{Escape}[0m" : text;
}
