namespace CodexCompanion.Pipeline.AppServer;

/// <summary>
/// The variables an app-server may have from its caller. A broker's app-server serves many callers and hands its environment to every
/// command it runs: what is not needed by codex itself stays out, above all other programs' tokens. What commands need comes with
/// each thread.
/// </summary>
internal static class PassedVariables
{
    private static readonly StringComparer NameComparer =
        OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;

    // A name that ends with * stands for all that begin so.
    private static readonly (string Reason, string[] Names)[] Table =
    [
        ("who and where the user is; codex keeps its home below theirs", ["HOME", "USER", "LOGNAME", "SHELL", "XDG_*"]),
        ("programs codex starts: git, its sandbox, MCP servers", ["PATH"]),
        ("language and time zone of its messages", ["LANG", "LANGUAGE", "LC_*", "TZ"]),
        ("where temporary files go", ["TMPDIR", "TEMP", "TMP"]),
        ("what its commands may print", ["TERM", "COLORTERM", "NO_COLOR"]),
        ("codex's own settings and keys (ours, CODEX_COMPANION_*, excepted)", ["CODEX_*", "OPENAI_*"]),
        ("reaching the model through a proxy",
            ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy"]),
        ("trusting the proxy's certificate", ["SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"]),
        ("the key ring, where a login can be kept", ["DBUS_SESSION_BUS_ADDRESS"]),
        ("paths of Windows below WSL", ["WSL_DISTRO_NAME", "WSL_INTEROP"]),
        ("codex's own diagnosis", ["RUST_LOG", "RUST_BACKTRACE"]),
        ("finding the runtime, where a .NET program stands in for codex", ["DOTNET_ROOT*"]),
    ];

    private static readonly (string Reason, string[] Names)[] WindowsTable =
    [
        ("without these hardly any program starts", ["SystemRoot", "SystemDrive", "windir", "ComSpec", "PATHEXT"]),
        ("who and where the user is",
            ["USERPROFILE", "USERNAME", "USERDOMAIN", "HOMEDRIVE", "HOMEPATH", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "COMPUTERNAME"]),
        ("finding programs and the shell's modules",
            ["ProgramFiles*", "ProgramW6432", "CommonProgramFiles*", "PSModulePath", "PROCESSOR_ARCHITECTURE", "NUMBER_OF_PROCESSORS"]),
    ];

    // They belong to the codex, or the launcher, that our caller runs below, and would mislead ours.
    private static readonly string[] Never = ["CODEX_COMPANION_", "CODEX_THREAD_ID", "CODEX_MANAGED_"];

    private static readonly HashSet<string> Names = new(Entries().Where(n => !n.EndsWith('*')), NameComparer);
    private static readonly string[] Prefixes = [.. Entries().Where(n => n.EndsWith('*')).Select(n => n[..^1])];

    /// <summary>Whether an app-server gets a variable of this name.</summary>
    public static bool Includes(string name)
    {
        var comparison = OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        return !Never.Any(n => name.StartsWith(n, comparison))
            && (Names.Contains(name) || Prefixes.Any(p => name.StartsWith(p, comparison)));
    }

    private static IEnumerable<string> Entries() =>
        (OperatingSystem.IsWindows() ? [.. Table, .. WindowsTable] : Table).SelectMany(row => row.Names);
}
