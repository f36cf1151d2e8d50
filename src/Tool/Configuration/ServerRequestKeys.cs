using CodexCompanion.Pipeline.AppServer;

namespace CodexCompanion.Tool.Configuration;

/// <summary>
/// The keys below <c>serverRequests</c>: how requests of the app-server are answered that nobody is there to answer. Only the user's own file may hold
/// them.
/// </summary>
internal static class ServerRequestKeys
{
    private const string Commands = "serverRequests.commands";
    private const string FileChanges = "serverRequests.fileChanges";
    private const string Permissions = "serverRequests.permissions";
    private const string Elicitations = "serverRequests.elicitations";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Commands, FileChanges, Permissions, Elicitations];

    /// <summary>The words a key takes.</summary>
    public static string Expected(string key) => key == Elicitations ? "cancel or decline" : "decline or accept";

    /// <summary>The word that is in force without any.</summary>
    public static string Default(string key) => key == Elicitations ? "cancel" : "decline";

    /// <summary>Puts a value in.</summary>
    /// <returns>Null when the word is none of the key's.</returns>
    public static Settings? TryApply(Settings settings, string key, string? word)
    {
        var rules = settings.ServerRequests;
        return (key, word) switch
        {
            (Commands, "accept" or "decline") => With(rules with { ApproveCommands = word == "accept" }),
            (FileChanges, "accept" or "decline") => With(rules with { ApproveFileChanges = word == "accept" }),
            (Permissions, "accept" or "decline") => With(rules with { GrantPermissions = word == "accept" }),
            (Elicitations, "decline" or "cancel") => With(rules with { DeclineElicitations = word == "decline" }),
            _ => null,
        };

        Settings With(ServerRequestRules changed) => settings with { ServerRequests = changed };
    }
}
