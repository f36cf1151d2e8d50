using System.Text.Json.Nodes;

namespace CodexCompanion.Tool.Selftest.Simulator.Methods;

/// <summary>What a request comes to.</summary>
/// <param name="Result">The answer.</param>
/// <param name="Then">What is done, or said, once the answer is out.</param>
internal sealed record Answer(JsonObject Result, Action? Then = null)
{
    /// <summary>An answer without members.</summary>
    public static Answer Empty(Action? then = null) => new([], then);
}
