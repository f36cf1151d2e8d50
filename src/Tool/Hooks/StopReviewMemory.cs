using System.Text.Json;
using CodexCompanion.StateStore;
using CodexCompanion.StateStore.Records;
using CodexCompanion.Tool.Rendering;

namespace CodexCompanion.Tool.Hooks;

/// <summary>What the last stop-time review of a workspace came to, kept beside the switch of the gate.</summary>
/// <param name="Fingerprint">The working tree it saw; null when that could not be told.</param>
/// <param name="SessionId">The session it was about.</param>
/// <param name="Blocks">How often it has sent that session back in a row.</param>
/// <param name="Verdict">allow, block or none.</param>
/// <param name="Summary">The verdict's reason in one line.</param>
/// <param name="At">When.</param>
internal sealed record StopReviewMemory(string? Fingerprint, string? SessionId, int Blocks, string? Verdict, string? Summary, DateTimeOffset? At)
{
    /// <summary>Name of the member of the workspace's settings that holds it.</summary>
    public const string Member = "lastStopReview";

    private const int LongestSummary = 160;

    /// <summary>Reads it from the settings of a workspace; what is not there or odd counts as nothing.</summary>
    public static StopReviewMemory Of(WorkspaceConfig config)
    {
        if (config.Extra?.TryGetValue(Member, out var kept) != true || kept.ValueKind != JsonValueKind.Object)
            return new StopReviewMemory(null, null, 0, null, null, null);
        return new StopReviewMemory(
            Text("fingerprint"),
            Text("sessionId"),
            kept.TryGetProperty("blocks", out var blocks) && blocks.ValueKind == JsonValueKind.Number && blocks.TryGetInt32(out var count) ? count : 0,
            Text("verdict"),
            Text("summary"),
            kept.TryGetProperty("at", out var at) && at.ValueKind == JsonValueKind.String && at.TryGetDateTimeOffset(out var time) ? time : null);

        string? Text(string name) => kept.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }

    /// <summary>Whether this very tree had its verdict already. One that cannot be told never had.</summary>
    public bool IsUnchanged(string? fingerprint) => fingerprint is not null && string.Equals(fingerprint, Fingerprint, StringComparison.Ordinal);

    /// <summary>How often a session was sent back in a row.</summary>
    public int Rounds(string? session) => string.Equals(session, SessionId, StringComparison.Ordinal) ? Blocks : 0;

    /// <summary>The same with the count begun anew.</summary>
    public StopReviewMemory WithoutRounds() => this with { Blocks = 0 };

    /// <summary>What is known after a review. One without a verdict leaves the tree unjudged, for the next stop to try again.</summary>
    public StopReviewMemory After(StopVerdict verdict, string? fingerprint, string? session, DateTimeOffset now) => verdict switch
    {
        StopVerdict.Block block => new StopReviewMemory(fingerprint, session, Rounds(session) + 1, "block", Line(block.Why), now),
        StopVerdict.Allow allow => new StopReviewMemory(fingerprint, session, 0, "allow", Line(allow.Why), now),
        StopVerdict.None none => this with { Verdict = "none", Summary = Line(none.Sentence), At = now },
        _ => throw new InvalidOperationException("A verdict is closed."),
    };

    /// <summary>Keeps it. That it cannot be kept costs one review more, and nothing else.</summary>
    public void Save(IStateStore store)
    {
        try
        {
            store.UpdateConfig(config => config with
            {
                Extra = new Dictionary<string, JsonElement>(config.Extra ?? [], StringComparer.Ordinal)
                {
                    [Member] = JsonText.Element(this, ToolJson.Default.StopReviewMemory),
                },
            });
        }
        catch (StateStoreException)
        {
            // Locked, full or too new: as said above.
        }
    }

    private static string Line(string text) => Excerpt.Of(text, LongestSummary);
}
