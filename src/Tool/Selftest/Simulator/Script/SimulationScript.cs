using System.Text.Json;
using System.Text.Json.Serialization;

namespace CodexCompanion.Tool.Selftest.Simulator.Script;

/// <summary>How the simulated app-server is to behave: the content of <c>simulation.json</c>. An empty object is a healthy server.</summary>
/// <param name="Dialect">The codex version whose protocol is spoken: "0.169" or "0.142".</param>
/// <param name="Account">Who is logged in.</param>
/// <param name="ThinkMilliseconds">How long each turn thinks before it does anything, in milliseconds.</param>
/// <param name="Faults">What goes wrong, and when.</param>
/// <param name="Prompts">Directives added to prompts.</param>
internal sealed record SimulationScript(
    string Dialect = "0.169",
    SimulatedAccount Account = SimulatedAccount.Chatgpt,
    int ThinkMilliseconds = 0,
    IReadOnlyList<SimulatedFault>? Faults = null,
    IReadOnlyList<PromptBehaviour>? Prompts = null)
{
    /// <summary>What goes wrong, and when.</summary>
    public IReadOnlyList<SimulatedFault> Faults { get; init; } = Faults ?? [];

    /// <summary>Directives added to prompts.</summary>
    public IReadOnlyList<PromptBehaviour> Prompts { get; init; } = Prompts ?? [];

    /// <summary>Writes the script into the home, which makes it one of the simulation.</summary>
    /// <param name="codexHome">The folder to become <c>CODEX_HOME</c>; created when missing.</param>
    public void WriteTo(string codexHome)
    {
        Directory.CreateDirectory(codexHome);
        File.WriteAllBytes(new SimulationHome(codexHome).ScriptFile, JsonSerializer.SerializeToUtf8Bytes(this, ScriptJson.Default.SimulationScript));
    }

    /// <summary>Reads the script of a home.</summary>
    public static ScriptRead ReadFrom(string codexHome)
    {
        var path = new SimulationHome(codexHome).ScriptFile;
        try
        {
            var script = JsonSerializer.Deserialize(File.ReadAllBytes(path), ScriptJson.Default.SimulationScript);
            return script is null ? new ScriptRead.Unusable($"{path} holds no object") : new ScriptRead.Found(script);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return new ScriptRead.Missing(path);
        }
        catch (Exception broken) when (broken is JsonException or IOException or UnauthorizedAccessException)
        {
            return new ScriptRead.Unusable($"{path} cannot be read: {broken.Message}");
        }
    }
}

/// <summary>Whether a home has a script.</summary>
internal abstract record ScriptRead
{
    private ScriptRead()
    {
    }

    internal sealed record Found(SimulationScript Script) : ScriptRead;

    internal sealed record Missing(string Path) : ScriptRead;

    internal sealed record Unusable(string Reason) : ScriptRead;
}

/// <summary>Who is logged in at the simulated server.</summary>
internal enum SimulatedAccount
{
    /// <summary>A subscription.</summary>
    Chatgpt,

    /// <summary>A key.</summary>
    ApiKey,

    /// <summary>A provider that asks for no account.</summary>
    NotRequired,

    /// <summary>Nobody, though an account is needed: every turn fails as unauthorized.</summary>
    LoggedOut,
}

/// <summary>Directives for every prompt that contains a text, as if the prompt ended in them.</summary>
/// <param name="Contains">The text; the empty one is in every prompt.</param>
/// <param name="Directives">Directives as in a prompt, without the leading <c>sim:</c>.</param>
internal sealed record PromptBehaviour(string Contains, IReadOnlyList<string> Directives);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    UseStringEnumConverter = true,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true,
    WriteIndented = true)]
[JsonSerializable(typeof(SimulationScript))]
internal sealed partial class ScriptJson : JsonSerializerContext;
