using System.IO.Enumeration;
using System.Text.Json;

namespace CodexCompanion.Pipeline.AppServer;

/// <summary>
/// The user's <c>[shell_environment_policy]</c>. Codex applies it to what a command inherits from the server; here it is applied in the same
/// way to what the thread is given of its caller's environment, so that moving the commands into a shared server changes nothing.
/// </summary>
public sealed class EnvironmentPolicy
{
    /// <summary>Marks every process of a job's turn.</summary>
    public const string JobMark = "CODEX_COMPANION_JOB";

    /// <summary>Marks everything an app-server of ours started; it comes from that server, never from a caller.</summary>
    public const string InstanceMark = "CODEX_COMPANION_INSTANCE";

    // What codex calls the core of an environment; the names of Windows are compared without case there.
    private static readonly HashSet<string> Core = new(
        ["HOME", "LOGNAME", "PATH", "SHELL", "USER", "USERNAME", "TMPDIR", "TEMP", "TMP"], StringComparer.OrdinalIgnoreCase);

    private static readonly string[] DefaultExcludes = ["*KEY*", "*SECRET*", "*TOKEN*"];

    private readonly string _inherit;
    private readonly List<string> _exclude;
    private readonly HashSet<string> _setByUser;

    private EnvironmentPolicy(string inherit, List<string> exclude, HashSet<string> setByUser, IReadOnlyList<string> includeOnly)
    {
        _inherit = inherit;
        _exclude = exclude;
        _setByUser = setByUser;
        IncludeOnly = includeOnly;
    }

    /// <summary>Patterns of the only names that may stay; empty for all.</summary>
    public IReadOnlyList<string> IncludeOnly { get; }

    /// <summary>Reads the policy.</summary>
    /// <param name="member">Gives a member of the resolved table by its name, undefined when it is not set.</param>
    public static EnvironmentPolicy Read(Func<string, JsonElement> member)
    {
        var exclude = Texts(member("exclude")).ToList();

        // Not excluding them is the default of both versions measured.
        if (member("ignore_default_excludes").ValueKind == JsonValueKind.False)
            exclude.AddRange(DefaultExcludes);
        var set = member("set") is { ValueKind: JsonValueKind.Object } table ? table.EnumerateObject().Select(v => v.Name) : [];
        var inherit = member("inherit") is { ValueKind: JsonValueKind.String } word ? word.GetString() : null;
        return new EnvironmentPolicy(inherit ?? "all", exclude, new HashSet<string>(set, StringComparer.Ordinal), [.. Texts(member("include_only"))]);
    }

    /// <summary>The variables of the caller's environment that commands may see and that the user did not set otherwise.</summary>
    public IEnumerable<KeyValuePair<string, string>> Inherited(IReadOnlyDictionary<string, string> environment) =>
        environment.Where(variable => MayInherit(variable.Key));

    private bool MayInherit(string name)
    {
        // A name that begins with "=" is how Windows keeps a drive's directory; it cannot be set.
        if (name is "" or JobMark or InstanceMark || name[0] == '=' || _setByUser.Contains(name))
            return false;
        var inherited = _inherit switch
        {
            "none" => false,
            "core" => Core.Contains(name),
            _ => true,
        };
        return inherited && !_exclude.Exists(pattern => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: true));
    }

    private static IEnumerable<string> Texts(JsonElement list) =>
        list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Where(e => e.ValueKind == JsonValueKind.String).Select(e => e.GetString() ?? "")
            : [];
}
