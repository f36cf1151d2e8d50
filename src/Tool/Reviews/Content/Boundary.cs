using System.Text;
using CodexCompanion.StateStore.Disk;

namespace CodexCompanion.Tool.Reviews.Content;

/// <summary>
/// The marks between which a prompt carries material that is not ours. They are derived from that material and occur nowhere in it, so that
/// no file can end its own block and go on as if it were us. The same material gives the same marks: what is shown is what is sent.
/// </summary>
internal sealed class Boundary
{
    // 64 bits: nobody writes a file that holds the hash of all material, itself included; the loop below is for those who try.
    private const int Bytes = 8;

    private Boundary(string token) => Token = token;

    /// <summary>The part that tells this prompt's marks from everything else.</summary>
    public string Token { get; }

    /// <summary>Marks that do not occur in any of the texts.</summary>
    public static Boundary For(IReadOnlyCollection<string> texts)
    {
        for (var round = 0; ; round++)
        {
            byte[] all = [.. texts.SelectMany(text => Sha256.Hash(Encoding.UTF8.GetBytes(text))), .. Encoding.UTF8.GetBytes($"{round}")];
            var token = Convert.ToHexStringLower(Sha256.Hash(all), 0, Bytes);
            if (!texts.Any(text => text.Contains(token, StringComparison.OrdinalIgnoreCase)))
                return new Boundary(token);
        }
    }

    /// <summary>A block: label and content between the marks.</summary>
    /// <param name="label">What it is, in our own words; names of files go through <see cref="QuotedName.Of"/>.</param>
    /// <param name="content">The content, as it is.</param>
    public string Enclose(string label, string content) =>
        $"<<<BEGIN {Token} {label}>>>\n{content}{(content.EndsWith('\n') ? "" : "\n")}<<<END {Token}>>>\n";
}
