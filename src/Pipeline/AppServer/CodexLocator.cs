using CodexCompanion.StateStore.Disk;

namespace CodexCompanion.Pipeline.AppServer;

/// <summary>
/// Finds codex: where <c>CODEX_COMPANION_CODEX</c> or the configuration says, else on PATH, else where it last worked. A place that was
/// named and holds no codex is an answer by itself: running another one silently would be worse.
/// </summary>
public static class CodexLocator
{
    /// <summary>Names the codex to use.</summary>
    public const string Variable = "CODEX_COMPANION_CODEX";

    /// <summary>The same in the configuration.</summary>
    public const string Setting = "codexPath";

    /// <summary>Looks for it.</summary>
    /// <param name="environment">The caller's environment.</param>
    /// <param name="configuredPath">What the configuration names; null when it names nothing.</param>
    /// <param name="last">Where it last worked; null when nobody knows.</param>
    public static CodexLookup Find(IReadOnlyDictionary<string, string> environment, string? configuredPath, LastCodex? last)
    {
        var search = new ProgramSearch(environment);
        if (search.Variable(Variable) is { Length: > 0 } named)
            return AsNamed(named, Variable, Variable, search);
        if (!string.IsNullOrEmpty(configuredPath))
            return AsNamed(configuredPath, "the configuration", Setting, search);
        if (search.OnPath("codex") is { } onPath)
        {
            var lookup = Found(onPath, search);
            return lookup is CodexLookup.Found found ? found with { IsFromPath = true } : lookup;
        }

        if (last?.Read() is { } known && search.Refuse(known) is null)
            return Found(known, search);
        return new CodexLookup.Missing("Codex was not found on PATH."); // What to do is the hint of whoever says it.
    }

    private static CodexLookup AsNamed(string named, string source, string key, ProgramSearch search)
    {
        var isBareName = named.IndexOfAny([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar]) < 0
            && !named.EndsWith(".dll", StringComparison.OrdinalIgnoreCase);
        if (isBareName)
        {
            return search.OnPath(named) is { } onPath
                ? Found(onPath, search)
                : new CodexLookup.Missing($"The codex named by {source}, '{named}', was not found on PATH.") { NamedBy = key };
        }

        var path = search.Absolute(named);
        return search.Refuse(path) is { } reason
            ? new CodexLookup.Missing($"The codex named by {source}, {path}, {reason}.") { NamedBy = key }
            : Found(path, search);
    }

    private static DateTimeOffset ModifiedAt(FileInfo file) => new(file.LastWriteTimeUtc);

    private static CodexLookup Found(string path, ProgramSearch search)
    {
        var file = new FileInfo(CanonicalPath.Of(path));
        if (path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase))
        {
            return DotnetHost.Find(search) is { } host
                ? new CodexLookup.Found(new CodexBinary(host, [path], path, file.Length, ModifiedAt(file)))
                : new CodexLookup.Missing($"{path} needs the dotnet host, which was not found on PATH.");
        }

        // Anything but the npm launcher is started under the name it was found by: version managers tell by it what to run.
        if (NpmLauncher.PackageOf(path) is not { } root || NpmLauncher.FindNative(root) is not { } native)
            return new CodexLookup.Found(new CodexBinary(path, [], path, file.Length, ModifiedAt(file)));
        file = new FileInfo(CanonicalPath.Of(native));
        var package = new NpmPackage(root, NpmLauncher.ManagerOf(root), NpmLauncher.ToolsOf(native));
        return new CodexLookup.Found(new CodexBinary(file.FullName, [], path, file.Length, ModifiedAt(file)) { Package = package });
    }
}
