using System.Security.Cryptography;
using System.Text;

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
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            hash.AppendData(Encoding.UTF8.GetBytes($"{round}\n"));
            foreach (var text in texts)
            {
                hash.AppendData(Encoding.UTF8.GetBytes($"{text.Length}\n"));
                hash.AppendData(Encoding.UTF8.GetBytes(text));
            }

            var token = Convert.ToHexStringLower(hash.GetCurrentHash(), 0, Bytes);
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
