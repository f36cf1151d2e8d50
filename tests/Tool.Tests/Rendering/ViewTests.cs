using System.Text;
using CodexCompanion.Tool.Rendering;
using Xunit;

namespace CodexCompanion.Tool.Tests.Rendering;

public sealed class ViewTests
{
    private readonly MemoryStream _error = new();
    private readonly ManualTime _time = new();

    private string Shown => Encoding.UTF8.GetString(_error.ToArray());

    [Fact]
    public async Task On_a_terminal_one_line_shows_time_phase_and_line_and_clears_itself()
    {
        await using (var view = View(terminal: true, width: 40))
        {
            _time.Advance(TimeSpan.FromMilliseconds(125));
            Assert.Equal("\r\u001b[2K| 0s starting", Shown);
            view.Line("editing", "Editing\nfile \u001b[31m number one of very many");
            _time.Advance(TimeSpan.FromSeconds(65) - TimeSpan.FromMilliseconds(125));
            Assert.EndsWith("\r\u001b[2K/ 1m 5s editing: Editing file [31m num…", Shown, StringComparison.Ordinal);
            view.Note("note: kept");
            Assert.EndsWith("\r\u001b[2Knote: kept\n", Shown, StringComparison.Ordinal);
        }

        Assert.EndsWith("\r\u001b[2K", Shown, StringComparison.Ordinal);
        var length = _error.Length;
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(length, _error.Length);
    }

    [Theory]
    [InlineData("TERM", "dumb")]
    [InlineData(null, null)]
    public async Task Elsewhere_every_line_stands_for_itself(string? name, string? value)
    {
        await using (var view = View(terminal: name is not null, width: 10, (name ?? "X", value ?? "")))
        {
            view.Line("editing", "Editing file number one");
            _time.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.Equal("Editing file number one\n", Shown);
    }

    [Fact]
    public async Task Colour_is_shown_unless_it_is_refused()
    {
        await using (View(terminal: true, width: 40, ("TERM", "xterm")))
            _time.Advance(TimeSpan.FromMilliseconds(125));
        Assert.Contains("\u001b[2m", Shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task For_programs_nothing_is_shown()
    {
        var streams = Streams(terminal: true, width: 40);
        await using (var view = ProgressView.For(streams, new Dictionary<string, string>(StringComparer.Ordinal), _time, json: true))
        {
            view.Line("editing", "Editing");
            view.Note("note");
            _time.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.Empty(Shown);
    }

    [Theory]
    [InlineData("short", 10, "short")]
    [InlineData("exactly10!", 10, "exactly10!")]
    [InlineData("a bit longer", 10, "a bit lon…")]
    [InlineData("\u6f22\u5b57\u6f22\u5b57", 8, "\u6f22\u5b57\u6f22\u5b57")]
    [InlineData("\u6f22\u5b57\u6f22\u5b57", 7, "\u6f22\u5b57\u6f22…")]
    [InlineData("abc", 1, "")]
    [InlineData("abc", 0, "")]
    public void A_line_is_fitted_into_the_terminal(string text, int columns, string expected) => Assert.Equal(expected, Plain.Fit(text, columns));

    [Theory]
    [InlineData("one line", "one line")]
    [InlineData("\n\n  first \nsecond", "first")]
    [InlineData("0123456789012345678901234567890", "0123456789012345678…")]
    [InlineData("a\tb\u0007c", "a b c")]
    public void A_prompt_is_shortened_to_its_first_line(string prompt, string expected) => Assert.Equal(expected, Excerpt.Of(prompt, 20));

    private ProgressView View(bool terminal, int width, params (string Name, string Value)[] variables)
    {
        var environment = variables.ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.Ordinal);
        if (variables.Length == 0)
            environment["NO_COLOR"] = "1";
        return ProgressView.For(Streams(terminal, width), environment, _time, json: false);
    }

    private StandardStreams Streams(bool terminal, int width) =>
        new(() => Stream.Null, () => Stream.Null, () => _error) { ErrorIsTerminal = () => terminal, ErrorWidth = () => width };
}
