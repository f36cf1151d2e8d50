using System.Text;
using CodexCompanion.Pipeline.Processes;

namespace CodexCompanion.Tool.Git;

/// <summary>How a run of git ended.</summary>
/// <param name="Exit">Its exit; a signal is a failure that names the signal.</param>
/// <param name="Output">What it wrote, as far as it was wanted.</param>
/// <param name="Errors">The begin of what it wrote to stderr.</param>
/// <param name="CutOff">Whether we stopped reading: there was more than was wanted.</param>
internal sealed record GitOutput(ChildExit Exit, byte[] Output, string Errors, bool CutOff)
{
    // Names and contents in other encodings stay readable where they are ASCII, and never stop a review.
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Whether it did what it was told. One we cut off was doing so.</summary>
    public bool Succeeded => CutOff || Exit.Code == 0;

    /// <summary>The output as text; what is no UTF-8 is replaced by U+FFFD.</summary>
    public string Text => Utf8.GetString(Output);

    /// <summary>The output as one word: without the line end.</summary>
    public string Word => Text.TrimEnd('\n', '\r');

    /// <summary>The parts of an output that separates them by NUL, as <see cref="GitName"/> reads them.</summary>
    public IReadOnlyList<string> Parts
    {
        get
        {
            var parts = System.Text.Unicode.Utf8.IsValid(Output) ? Text.Split('\0') : ForeignParts();
            return parts[^1].Length == 0 ? parts[..^1] : parts;
        }
    }

    private string[] ForeignParts()
    {
        var parts = new List<string>();
        foreach (var part in Output.AsSpan().Split((byte)0))
            parts.Add(GitName.Of(Output.AsSpan()[part]));
        return [.. parts];
    }

    /// <summary>Why it failed, in git's own words.</summary>
    public string Complaint
    {
        get
        {
            var line = Errors.Split('\n').FirstOrDefault(l => l.StartsWith("fatal:", StringComparison.Ordinal) || l.StartsWith("error:", StringComparison.Ordinal))
                ?? Errors.Split('\n').FirstOrDefault(l => l.Length > 0);
            return line is null || Exit.Code is null ? $"git {Exit.Description}." : line.Trim();
        }
    }
}
