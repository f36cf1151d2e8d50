using System.Text.Json;
using CodexCompanion.Pipeline.Turns;

namespace CodexCompanion.Tool.Rendering;

/// <summary>What stopping a job proved, as its record and <c>cancel --json</c> show it.</summary>
internal sealed record StopJson(bool InterruptSent, bool TurnEnded, IReadOnlyList<string> ProcessesLeft, string Detail)
{
    /// <summary>As a record keeps it.</summary>
    public static JsonElement ElementOf(StopProof proof) => JsonText.Element(Of(proof), ToolJson.Default.StopJson);

    /// <summary>As it is printed.</summary>
    public static StopJson Of(StopProof proof) => new(proof.InterruptSent, proof.TurnEnded, proof.ProcessesLeft, proof.Detail);

    /// <summary>Out of a record; one that says nothing proves nothing.</summary>
    public static StopProof ProofOf(JsonElement? stop)
    {
        if (stop is not { ValueKind: JsonValueKind.Object } proof)
            return new StopProof(InterruptSent: false, TurnEnded: false, [], "The record does not say what was proved.");
        var left = proof.TryGetProperty("processesLeft", out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Select(process => process.GetString() ?? "")
            : [];
        return new StopProof(Is("interruptSent"), Is("turnEnded"), [.. left], proof.TryGetProperty("detail", out var detail) ? detail.GetString() ?? "" : "");

        bool Is(string name) => proof.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.True;
    }
}
